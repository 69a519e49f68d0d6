// postgres.js.
'use strict';

const postgres = require('postgres');
const { assert, within, sleep, streamOf, tableOf, main } = require('./program');

async function using(options, work) {
  const sql = postgres({ ...options, max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function refused(work, code) {
  await assert.rejects(work, error => {
    assert.equal(error.code, code, error.message);
    return true;
  });
}

const plain = rows => rows.map(row => ({ ...row }));

function connect(options) {
  return using({ ...options, connection: { application_name: 'program' } }, async sql => {
    assert.deepEqual(plain(await sql`SHOW application_name`), [{ application_name: 'program' }]);
    assert.equal(sql.parameters.server_version.split('.')[0], '15');
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => sql`SELECT ${i}::int AS n`));
    assert.deepEqual(answers.map(([row]) => row.n), Array.from({ length: 50 }, (_, i) => i));
  });
}

function values(options) {
  return using(options, async sql => {
    const [row] = await sql`SELECT ${1}::int AS i, ${'x'}::text AS t, ${true}::bool AS b, ${1.5}::float8 AS f, ${new Date(86400000)}::timestamptz AS s,
      ${Buffer.from([0, 255])}::bytea AS y, ${'9007199254740993'}::bigint AS l, ${null}::text AS n`;
    assert.deepEqual({ ...row }, { i: 1, t: 'x', b: true, f: 1.5, s: new Date(86400000), y: Buffer.from([0, 255]), l: '9007199254740993', n: null });
    const [arrays] = await sql`SELECT ${[1, 2]}::int[] AS i, ${['a"b', 'c,d']}::text[] AS t`;
    assert.deepEqual({ ...arrays }, { i: [1, 2], t: ['a"b', 'c,d'] });
    const [json] = await sql`SELECT ${sql.json({ a: [1] })}::json AS j`;
    assert.deepEqual(json.j, { a: [1] });
    assert.deepEqual(plain(await sql.unsafe('SELECT 1 AS one; SELECT 2 AS two')).length, 2);
    assert.deepEqual((await sql`SELECT 1 AS a, 2 AS a`.values()).map(r => [...r]), [[1, 2]]);
    const described = await sql`SELECT id FROM pg_catalog.pg_class c JOIN (SELECT 1::oid AS id) x ON x.id = c.oid WHERE c.relname = ${'x'}`.describe();
    assert.deepEqual([described.types, described.columns.map(c => c.name)], [[19], ['id']]);
  });
}

function changes(options) {
  return using(options, async sql => {
    await sql.unsafe(tableOf('js_changes'));
    const many = [{ id: 1, name: 'a', amount: 1.5 }, { id: 2, name: 'b', amount: null }];
    assert.equal((await sql`INSERT INTO js_changes ${sql(many, 'id', 'name', 'amount')}`).count, 2);
    assert.equal((await sql`UPDATE js_changes SET name = ${'z'} WHERE id = ${2}`).count, 1);
    assert.deepEqual(plain(await sql`SELECT id, name FROM js_changes WHERE id IN ${sql([1, 2])} ORDER BY id`), [{ id: '1', name: 'a' }, { id: '2', name: 'z' }]);
    assert.equal((await sql`DELETE FROM js_changes WHERE id = ${1}`).count, 1);
    assert.deepEqual(plain(await sql`SELECT count(*)::int AS n FROM js_changes`), [{ n: 1 }]);
  });
}

function errors(options) {
  return using(options, async sql => {
    await refused(sql`SELECT missing FROM nowhere`, '42P01');
    await refused(sql`SELECT ${1}::int / 0`, '22012');
    await refused(sql.unsafe('SELEC 1'), '42601');
    await refused(sql`SELECT ${'x'}::int`, '22P02');
    assert.deepEqual(plain(await sql`SELECT 1 AS still`), [{ still: 1 }]);
  });
}

function transactions(options) {
  return using(options, async sql => {
    await sql.begin(async tx => {
      await assert.rejects(tx.savepoint(inner => inner`SELECT 1/0`), { code: '22012' });
      assert.deepEqual(plain(await tx`SELECT 1 AS one`), [{ one: 1 }]);
    });
    await assert.rejects(sql.begin(tx => tx`SELECT 1/0`), { code: '22012' });
    await assert.rejects(sql.begin('read only', async tx => { await tx`SELECT 1`; throw new Error('back'); }), /back/);
    assert.deepEqual(plain(await sql`SELECT 1 AS one`), [{ one: 1 }]);
  });
}

function push(options) {
  return using(options, reader => using(options, async writer => {
    await writer.unsafe(streamOf('js_push'));
    const seen = [];
    const query = reader`SELECT id FROM js_push EMIT CHANGES`;
    let arrived;
    const ended = query.forEach(row => { seen.push(row.id); arrived?.(); }).then(() => null, error => error);
    await sleep(500);
    for (let i = 1; i <= 3; i++) {
      const next = new Promise(resolve => { arrived = resolve; });
      await writer`INSERT INTO js_push (id, name) VALUES (${i}, 'x')`;
      await within(next, `row ${i}`);
    }
    assert.deepEqual(seen, ['1', '2', '3']);
    query.cancel();
    assert.equal((await within(ended, 'the end')).code, '57014');
  }));
}

function cursors(options) {
  return using(options, reader => using(options, async writer => {
    let count = 0;
    for await (const rows of reader`SELECT g FROM generate_series(1, 1000) g`.cursor(100))
      count += rows.length;
    assert.equal(count, 1000);
    await writer.unsafe(streamOf('js_cursor'));
    const ids = [];
    const live = (async () => {
      for await (const [row] of reader`SELECT id FROM js_cursor EMIT CHANGES`.cursor(1)) {
        ids.push(row.id);
        if (ids.length === 3)
          break;
      }
    })();
    await sleep(500);
    await writer`INSERT INTO js_cursor (id) VALUES (1), (2), (3)`;
    await within(live, 'three rows');
    assert.deepEqual(ids, ['1', '2', '3']);
  }));
}

function copy(options) {
  return using(options, async sql => {
    const { pipeline } = require('node:stream/promises');
    const { Readable } = require('node:stream');
    await sql.unsafe(tableOf('js_copy'));
    await pipeline(Readable.from(['1\ta\t1.5\n2\t\\N\t\\N\n']), await sql`COPY js_copy (id, name, amount) FROM STDIN`.writable());
    const chunks = [];
    for await (const chunk of await sql`COPY (SELECT id, name FROM js_copy ORDER BY id) TO STDOUT WITH (FORMAT csv)`.readable())
      chunks.push(chunk.toString());
    assert.equal(chunks.join(''), '1,a\n2,\n');
  });
}

main('postgres.js', { connect, values, changes, errors, transactions, push, cursors, copy });
