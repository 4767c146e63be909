"""Pictures drawn when the site is built: SVG and tables that the style sheet `site/assets/pictures.css` colours."""
