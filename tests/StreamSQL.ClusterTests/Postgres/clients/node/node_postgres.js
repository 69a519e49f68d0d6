// node-postgres, with pg-cursor and pg-query-stream.
'use strict';

const { Client, Pool } = require('pg');
const Cursor = require('pg-cursor');
const QueryStream = require('pg-query-stream');
const { assert, within, sleep, streamOf, tableOf, main } = require('./program');

async function using(options, work) {
  const client = new Client(options);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function refused(work, code) {
  await assert.rejects(work, error => {
    assert.equal(error.code, code, error.message);
    return true;
  });
}

const rows = async (client, text, values) => (await client.query(text, values)).rows;

function connect(options) {
  return using({ ...options, application_name: 'program', options: '-c statement_timeout=60000' }, async client => {
    assert.deepEqual(await rows(client, 'SHOW application_name'), [{ application_name: 'program' }]);
    assert.deepEqual(await rows(client, 'SHOW statement_timeout'), [{ statement_timeout: '1min' }]);
    assert.equal((await rows(client, 'SELECT pg_backend_pid() AS pid'))[0].pid, client.processID);
    const pool = new Pool({ ...options, max: 4 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.query('SELECT $1::int AS n', [i])));
    assert.deepEqual(answers.map(answer => answer.rows[0].n), Array.from({ length: 20 }, (_, i) => i));
    await pool.end();
  });
}

function results(options) {
  return using(options, async client => {
    const several = await client.query("SELECT 1 AS a; BEGIN; SELECT 'x' AS b UNION ALL SELECT 'y'; COMMIT");
    assert.deepEqual(several.map(result => [result.command, result.rowCount]), [['SELECT', 1], ['BEGIN', null], ['SELECT', 2], ['COMMIT', null]]);
    assert.deepEqual((await client.query('')).rows, []);
    assert.deepEqual((await client.query(' ; -- nothing')).rows, []);
    const array = await client.query({ text: 'SELECT 1 AS same, 2 AS same', rowMode: 'array' });
    assert.deepEqual(array.rows, [[1, 2]]);
    await client.query(tableOf('node_fields'));
    const { fields } = await client.query('SELECT id, name AS label, amount + 1 AS more FROM node_fields');
    const [{ oid }] = await rows(client, "SELECT 'node_fields'::regclass::oid AS oid");
    assert.deepEqual(fields.map(f => [f.name, f.tableID, f.columnID, f.dataTypeID]), [['id', oid, 1, 20], ['label', oid, 2, 25], ['more', 0, 0, 701]]);
    const many = await rows(client, "SELECT g, repeat('x', 100) AS text FROM generate_series(1, 50000) g");
    assert.equal(many.length, 50000);
    assert.equal(many.at(-1).g, 50000);
  });
}

function values(options) {
  return using(options, async client => {
    const [row] = await rows(
      client, 'SELECT $1::int AS i, $2::text AS t, $3::bool AS b, $4::float8 AS f, $5::timestamptz AS s, $6::bytea AS y, $7::bigint AS l, $8::text AS n',
      [1, "it's", true, 1.5, new Date(86400000), Buffer.from([0, 255]), '9007199254740993', null]);
    assert.deepEqual(row, { i: 1, t: "it's", b: true, f: 1.5, s: new Date(86400000), y: Buffer.from([0, 255]), l: '9007199254740993', n: null });
    const [arrays] = await rows(client, 'SELECT $1::int[] AS i, $2::text[] AS t, $3::bool[] AS b', [[1, null, 3], ['a"b', '', null, 'c,d', '{}'], [true, false]]);
    assert.deepEqual(arrays, { i: [1, null, 3], t: ['a"b', '', null, 'c,d', '{}'], b: [true, false] });
    const [json] = await rows(client, 'SELECT $1::json AS a, $2::jsonb AS b', [{ a: [1, 'x'] }, JSON.stringify([null, true])]);
    assert.deepEqual(json, { a: { a: [1, 'x'] }, b: [null, true] });
    assert.deepEqual(await rows(client, "SELECT $1 || 'b' AS t, coalesce($2, 'z') AS c", ['a', null]), [{ t: 'ab', c: 'z' }]);
    const [special] = await rows(client, "SELECT 'NaN'::float8 AS a, 'Infinity'::float8 AS b, '-Infinity'::float8 AS c, $1::float8 AS d", [-0.5e-300]);
    assert.deepEqual(special, { a: NaN, b: Infinity, c: -Infinity, d: -0.5e-300 });
    const binary = await client.query({ text: "SELECT 7::int4 AS i, 8::int8 AS l, 1.5::float8 AS f, true AS b, 'é漢🎉'::text AS t", binary: true, values: [] });
    assert.deepEqual(binary.rows, [{ i: 7, l: '8', f: 1.5, b: true, t: 'é漢🎉' }]);
    const list = Array.from({ length: 10000 }, (_, i) => i);
    assert.deepEqual(await rows(client, `SELECT 1 AS one WHERE 9999 IN (${list.map(i => `$${i + 1}`).join(',')})`, list), [{ one: 1 }]);
  });
}

function changes(options) {
  return using(options, async client => {
    await client.query(tableOf('node_changes'));
    const insert = 'INSERT INTO node_changes (id, name, amount) VALUES ($1, $2, $3)';
    const first = await client.query({ name: 'insert', text: insert, values: [1, 'a', 1.5] });
    assert.deepEqual([first.command, first.rowCount], ['INSERT', 1]);
    await client.query({ name: 'insert', text: insert, values: [2, null, null] });
    const both = await client.query('INSERT INTO node_changes VALUES ($1, $2, $3), ($4, $5, $6)', [3, 'c', 3, 4, 'd', 4]);
    assert.equal(both.rowCount, 2);
    assert.equal((await client.query('UPDATE node_changes SET name = $1 WHERE id = $2', ['z', 3])).rowCount, 1);
    assert.equal((await client.query('DELETE FROM node_changes WHERE id = $1', [4])).rowCount, 1);
    assert.deepEqual(await rows(client, 'SELECT id, name, amount FROM node_changes ORDER BY id'),
      [{ id: '1', name: 'a', amount: 1.5 }, { id: '2', name: null, amount: null }, { id: '3', name: 'z', amount: 3 }]);
    assert.deepEqual(await rows(client, 'SELECT name FROM node_changes WHERE id = ANY($1) ORDER BY id', [[1, 3, 9]]), [{ name: 'a' }, { name: 'z' }]);
    await refused(client.query(insert, ['x', 'a', 1]), '22P02');
  });
}

function errors(options) {
  return using(options, async client => {
    await assert.rejects(client.query('SELECT missing FROM nowhere', []), error => {
      assert.deepEqual([error.code, error.severity, error.position], ['42P01', 'ERROR', '21']);
      return true;
    });
    await refused(client.query('SELEC 1'), '42601');
    await refused(client.query('SELECT 1/0'), '22012');
    await refused(client.query('SELECT $1::int', ['x']), '22P02');
    await refused(client.query('SELECT 1; SELECT 2', [1]), '42601');
    await refused(client.query("SET statement_timeout = 'soon'"), '22023');
    const notices = [];
    client.on('notice', notice => notices.push([notice.severity, notice.message]));
    await client.query('DROP TABLE IF EXISTS node_nothing');
    assert.equal(notices.length, 1);
    assert.deepEqual(await rows(client, 'SELECT 1 AS still'), [{ still: 1 }]);
  });
}

function transactions(options) {
  return using(options, async client => {
    await client.query('BEGIN');
    await client.query('SAVEPOINT s');
    await refused(client.query('SELECT 1/0'), '22012');
    await refused(client.query('SELECT 1'), '25P02');
    await client.query('ROLLBACK TO SAVEPOINT s');
    assert.deepEqual(await rows(client, 'SELECT 1 AS one'), [{ one: 1 }]);
    await refused(client.query('SELECT 1/0', []), '22012');
    assert.equal((await client.query('COMMIT')).command, 'ROLLBACK');
    await client.query("BEGIN; SET LOCAL application_name = 'inside'");
    assert.equal((await rows(client, 'SHOW application_name'))[0].application_name, 'inside');
    await client.query('COMMIT');
    assert.notEqual((await rows(client, 'SHOW application_name'))[0].application_name, 'inside');
  });
}

/** Rows of a push query come while it runs, and a cancel request ends it. */
function push(options) {
  return using(options, reader => using(options, async writer => {
    await writer.query(streamOf('node_push'));
    const { Query } = require('pg');
    const query = reader.query(new Query('SELECT id, name FROM node_push EMIT CHANGES'));
    const seen = [];
    let arrived;
    query.on('row', row => { seen.push(row.id); arrived?.(); });
    const ended = new Promise(resolve => query.on('error', resolve));
    await sleep(500);
    for (let i = 1; i <= 3; i++) {
      const next = new Promise(resolve => { arrived = resolve; });
      await writer.query('INSERT INTO node_push (id, name) VALUES ($1, $2)', [i, 'x']);
      await within(next, `row ${i}`);
    }
    assert.deepEqual(seen, ['1', '2', '3']);
    const began = Date.now();
    assert.deepEqual(await rows(writer, 'SELECT pg_cancel_backend($1) AS done', [reader.processID]), [{ done: true }]);
    assert.equal((await within(ended, 'the end')).code, '57014');
    assert.ok(Date.now() - began < 1000);
    assert.deepEqual(await rows(reader, 'SELECT 1 AS one'), [{ one: 1 }]);
  }));
}

function cursors(options) {
  return using(options, reader => using(options, async writer => {
    const cursor = reader.query(new Cursor('SELECT g FROM generate_series(1, $1::int) g', [10]));
    assert.deepEqual([(await cursor.read(3)).length, (await cursor.read(7)).length, (await cursor.read(1)).length], [3, 7, 0]);
    await cursor.close();
    let count = 0;
    for await (const row of reader.query(new QueryStream('SELECT g FROM generate_series(1, 10000) g', [], { batchSize: 100 })))
      count += row.g > 0 ? 1 : 0;
    assert.equal(count, 10000);
    await writer.query(streamOf('node_cursor'));
    const live = reader.query(new Cursor('SELECT id FROM node_cursor EMIT CHANGES'));
    for (let i = 1; i <= 3; i++) {
      const next = live.read(1);
      await sleep(i === 1 ? 500 : 0);
      await writer.query('INSERT INTO node_cursor (id) VALUES ($1)', [i]);
      assert.deepEqual(await within(next, `row ${i}`), [{ id: String(i) }]);
    }
    await live.close();
    assert.deepEqual(await rows(reader, 'SELECT 1 AS one'), [{ one: 1 }]);
    await writer.query(streamOf('node_stream'));
    const stream = reader.query(new QueryStream('SELECT id FROM node_stream EMIT CHANGES LIMIT 2', [], { batchSize: 1 }));
    const all = (async () => { const ids = []; for await (const row of stream) ids.push(row.id); return ids; })();
    await sleep(500);
    await writer.query('INSERT INTO node_stream (id) VALUES (1), (2)');
    assert.deepEqual(await within(all, 'two rows'), ['1', '2']);
  }));
}

function timeouts(options) {
  return using(options, async client => {
    await client.query('SET statement_timeout = 200');
    await refused(within(client.query('SELECT pg_sleep(20)'), 'the timeout'), '57014');
    await client.query('RESET statement_timeout');
    await client.query('SELECT pg_sleep(0.01)');
    await using({ ...options, query_timeout: 200 }, other => assert.rejects(other.query('SELECT pg_sleep(0.5)'), /timeout/));
  });
}

main('node-postgres', { connect, results, values, changes, errors, transactions, push, cursors, timeouts });
