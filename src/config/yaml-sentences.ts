/**
 * What the YAML reader's error codes mean to the person who wrote the file. Its own messages are not passed on: some
 * quote the text around the error, which may be a secret.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  BAD_COLLECTION_TYPE: 'a tag does not fit what it stands before',
  BAD_DIRECTIVE: 'this directive is not understood',
  BAD_DQ_ESCAPE: 'this escape is not known between double quotes: write "\\\\" for a backslash, or use single quotes',
  BAD_INDENT: 'the indentation does not fit, or a bracket is not closed',
  BAD_PROP_ORDER: 'an anchor stands in the wrong place',
  BAD_SCALAR_START: 'a value that starts with this character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a list or map stands where a single value is expected: put the value in quotes',
  BLOCK_IN_FLOW: 'inside [ ] and { } only [ ] and { } can be used',
  DUPLICATE_KEY: 'this key is there twice',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing here: a comma, colon, bracket, quote or space',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line',
  MULTIPLE_ANCHORS: 'one value can have one anchor',
  MULTIPLE_DOCS: 'one file holds one document: remove "---"',
  NON_STRING_KEY: 'a key must be plain text',
  RESOURCE_EXHAUSTION: 'too deeply nested',
  TAB_AS_INDENT: 'a tab is used for indentation: use spaces',
  UNEXPECTED_TOKEN: 'this does not belong here: check the indentation, and quote values with special characters',
};

/** A sentence for an error code of the `yaml` package. */
export const yamlSentence = (code: string): string => SENTENCES[code] ?? 'this is not valid YAML';
