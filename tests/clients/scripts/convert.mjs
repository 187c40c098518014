// node convert.mjs metadata|source FROM TO: Salesforce's own converter between source format and Metadata API format.
import path from 'node:path';
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';

const [format, from, to] = process.argv.slice(2);
const components = ComponentSet.fromSource(path.resolve(from));
components.sourceApiVersion = '66.0';
await new MetadataConverter().convert(components, format, { type: 'directory', outputDirectory: path.resolve(to), genUniqueDir: false });
