"""SQLAlchemy 1.4 over psycopg2: engine, core, ORM, inspector, reflection."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, declarative_base

from programs import equal, main, table_of

Base = declarative_base()


class Thing(Base):
    __tablename__ = "alchemy_orm"
    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    name = sa.Column(sa.Text)
    amount = sa.Column(sa.Float)


def engine_of(host, port):
    return sa.create_engine(f"postgresql+psycopg2://test@{host}:{port}/streamsql", future=True)


def prepare(engine, name):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(table_of(name)))
        connection.execute(sa.text(f"INSERT INTO {name} (id, name, amount) VALUES (1, 'a', 1.5), (2, 'b', 2.5), (3, NULL, NULL)"))


def core(host, port):
    engine = engine_of(host, port)
    prepare(engine, "alchemy_core")
    things = sa.Table(
        "alchemy_core", sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text), sa.Column("amount", sa.Float))
    with engine.begin() as connection:
        equal(connection.execute(sa.select(things.c.id).where(things.c.name == "b")).scalar_one(), 2)
        equal(connection.execute(sa.select(sa.func.count(), sa.func.sum(things.c.amount)).select_from(things)).one(), (3, 4.0))
        equal(connection.execute(sa.select(things.c.id).where(things.c.id.in_([1, 3])).order_by(things.c.id)).scalars().all(), [1, 3])
        connection.execute(things.insert(), [{"id": 4, "name": "d", "amount": 4.0}, {"id": 5, "name": "e", "amount": 5.0}])
        connection.execute(things.update().where(things.c.id == 4).values(name="z"))
        connection.execute(things.delete().where(things.c.id == 5))
    with engine.connect() as connection:
        equal(connection.execute(sa.select(things).where(things.c.id > 3)).all(), [(4, "z", 4.0)])
        equal(sum(1 for _ in connection.execution_options(stream_results=True).execute(sa.text("SELECT g FROM generate_series(1, 5000) g"))), 5000)


def orm(host, port):
    engine = engine_of(host, port)
    prepare(engine, "alchemy_orm")
    with Session(engine) as session:
        equal(session.get(Thing, 1).name, "a")
        equal([thing.id for thing in session.execute(sa.select(Thing).order_by(Thing.id.desc()).limit(2)).scalars()], [3, 2])
        other = sa.orm.aliased(Thing)
        joined = sa.select(Thing.id, other.name).join(other, Thing.id == other.id + 1).order_by(Thing.id)
        equal(session.execute(joined).all(), [(2, "a"), (3, "b")])
        session.add(Thing(id=10, name="new", amount=1.0))
        session.commit()
        thing = session.get(Thing, 10)
        thing.name = "changed"
        session.commit()
        equal(session.execute(sa.select(Thing.name).where(Thing.id == 10)).scalar_one(), "changed")
        session.delete(thing)
        session.commit()
        equal(session.get(Thing, 10), None)


def inspect(host, port):
    engine = engine_of(host, port)
    prepare(engine, "alchemy_inspect")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE TABLE alchemy_view AS SELECT name, COUNT(*) AS n FROM alchemy_inspect GROUP BY name EMIT CHANGES"))
    inspector = sa.inspect(engine)
    equal(inspector.default_schema_name, "public")
    assert {"public", "information_schema", "streamsql"} <= set(inspector.get_schema_names()), inspector.get_schema_names()
    assert "alchemy_inspect" in inspector.get_table_names(), inspector.get_table_names()
    assert "alchemy_view" in inspector.get_view_names(include=("materialized",)), inspector.get_view_names(include=("materialized",))
    assert "COUNT(*)" in inspector.get_view_definition("alchemy_view")
    assert inspector.has_table("alchemy_inspect") and not inspector.has_table("alchemy_nothing")
    equal([column["name"] for column in inspector.get_columns("alchemy_inspect")], ["id", "name", "amount"])
    equal(inspector.get_foreign_keys("alchemy_inspect"), [])
    equal(inspector.get_unique_constraints("alchemy_inspect"), [])
    equal(inspector.get_check_constraints("alchemy_inspect"), [])
    assert "topic" in inspector.get_table_comment("alchemy_inspect")["text"]
    equal(inspector.get_enums(), [])
    equal(inspector.get_sequence_names(), [])


def reflect(host, port):
    engine = engine_of(host, port)
    prepare(engine, "alchemy_reflect")
    inspector = sa.inspect(engine)
    equal(inspector.get_pk_constraint("alchemy_reflect")["constrained_columns"], ["id"])
    equal(inspector.get_indexes("alchemy_reflect"), [])
    things = sa.Table("alchemy_reflect", sa.MetaData(), autoload_with=engine)
    equal([(column.name, str(column.type), column.primary_key, column.nullable) for column in things.columns],
          [("id", "BIGINT", True, False), ("name", "TEXT", False, True), ("amount", "DOUBLE_PRECISION", False, True)])


main("SQLAlchemy", [core, orm, inspect, reflect])
