// What severities are called.

export const LEVELS = ["not our problem", "minor", "noticeable", "serious", "severe", "critical"];

export function levelSaid(severity) {
  return severity === null || severity === undefined ? "can't judge" : `${severity}, ${LEVELS[severity]}`;
}
