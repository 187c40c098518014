// node jsforce_calls.mjs CALL [JSON]: one call of jsforce against the org of SF_INSTANCE_URL, its result as JSON.
import fs from 'node:fs';
import jsforce from 'jsforce';

const { SF_INSTANCE_URL: instanceUrl, SF_ACCESS_TOKEN: accessToken } = process.env;
const connection = new jsforce.Connection({ instanceUrl, accessToken, version: '66.0' });
const waits = { pollInterval: 100, pollTimeout: 60_000 };

const calls = {
  query: ({ soql }) => connection.query(soql),
  every: async ({ soql, size }) => {
    const records = [];
    await new Promise((resolve, reject) => connection.query(soql).on('record', (r) => records.push(r)).on('end', resolve).on('error', reject)
      .run({ autoFetch: true, maxFetch: 10_000, headers: { 'Sforce-Query-Options': `batchSize=${size}` } }));
    return records.length;
  },
  create: ({ type, records }) => connection.sobject(type).create(records),
  update: ({ type, records }) => connection.sobject(type).update(records),
  upsert: ({ type, records, key }) => connection.sobject(type).upsert(records, key),
  describe: ({ type }) => connection.sobject(type).describe(),
  bulk2: ({ type, operation, records, key }) =>
    connection.bulk2.loadAndWaitForResults({ object: type, operation, input: records, externalIdFieldName: key, ...waits }),
  bulk2Query: async ({ soql }) => (await connection.bulk2.query(soql, waits)).toArray(),
  deploy: ({ zip }) => {
    connection.metadata.pollInterval = waits.pollInterval;
    return connection.metadata.deploy(fs.readFileSync(zip), { rollbackOnError: true, singlePackage: true }).complete({ details: true });
  },
  identity: () => connection.identity(),
  login: async () => {
    const fresh = new jsforce.Connection({ loginUrl: instanceUrl });
    const user = await fresh.login('admin@local.example', 'any password');
    return { ...user, sobjects: (await fresh.describeGlobal()).sobjects.length };
  },
  clientCredentials: async () => {
    const fresh = new jsforce.Connection({ oauth2: { loginUrl: instanceUrl, clientId: 'ck', clientSecret: 'cs' } });
    return fresh.authorize({ grant_type: 'client_credentials' });
  },
};

const [name, given = '{}'] = process.argv.slice(2);
console.log(JSON.stringify(await calls[name](JSON.parse(given))));
