/** What an untrusted rule file may cost. The largest rule known (4,432 hashes) is 0.4 MB. */
export const LIMITS = {
  /** UTF-16 code units of one file. */
  fileLength: 4 * 1024 * 1024,
  documentsPerFile: 5_000,
  yamlDepth: 32,
  aliasesPerFile: 100,
  /** Nodes after aliases are followed. */
  yamlNodes: 200_000,
  conditionLength: 16_384,
  conditionDepth: 64,
  conditionTerms: 2_000,
  detections: 500,
  valuesPerRule: 50_000,
  valueLength: 65_536,
  regexLength: 8_192,
  /** Values one value may become through windash, base64offset and placeholders. */
  expansions: 2_000,
  /** Rules one correlation refers to. */
  correlationRules: 100,
  /** Fields one correlation groups by or counts; its aliases. */
  correlationFields: 16,
  timespanMs: 366 * 86_400_000,
} as const;
