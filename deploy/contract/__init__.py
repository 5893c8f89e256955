"""Makes the files of the contract: JSON Schemas, the AsyncAPI document, TypeScript types and Java records."""
