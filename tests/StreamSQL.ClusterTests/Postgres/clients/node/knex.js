// knex: its query builder, and what it asks the catalog.
'use strict';

const { assert, tableOf, main } = require('./program');

async function schema(options) {
  const knex = require('knex')({ client: 'pg', connection: options, pool: { min: 0, max: 1 } });
  try {
    await knex.raw(tableOf('knex_things'));
    assert.equal(await knex.schema.hasTable('knex_things'), true);
    assert.equal(await knex.schema.hasTable('knex_nothing'), false);
    assert.equal(await knex.schema.hasColumn('knex_things', 'name'), true);
    const columns = await knex('knex_things').columnInfo();
    assert.deepEqual(Object.entries(columns).map(([name, column]) => [name, column.type, column.nullable]),
      [['id', 'bigint', false], ['name', 'text', true], ['amount', 'double precision', true]]);
    await knex('knex_things').insert([{ id: 1, name: 'a', amount: 1 }, { id: 2, name: 'b', amount: 2 }]);
    assert.equal(await knex('knex_things').where({ id: 1 }).update({ name: 'z' }), 1);
    assert.deepEqual(await knex('knex_things').select('id', 'name').whereIn('id', [1, 2]).orderBy('id'), [{ id: '1', name: 'z' }, { id: '2', name: 'b' }]);
    assert.deepEqual(await knex('knex_things').sum({ total: 'amount' }).first(), { total: 3 });
    assert.equal(await knex('knex_things').where('id', 2).del(), 1);
    await knex.transaction(async trx => { await trx('knex_things').insert({ id: 3, name: 'c' }); });
    assert.equal((await knex('knex_things').count({ n: '*' }).first()).n, '2');
  } finally {
    await knex.destroy();
  }
}

main('knex', { schema });
