// JSON Merge Patch (RFC 7396).

/** A value with a patch put in; neither is changed. */
export function patched(value, patch) {
  if (!isObject(patch)) return patch;
  const made = isObject(value) ? { ...value } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete made[name];
    else made[name] = patched(made[name], change);
  }
  return made;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
