// The SQL of StreamSQL: the streaming dialect of ksqlDB and PostgreSQL's SELECT and session statements in one grammar.
// What a statement may mean is the binder's business; this file says what can be written.
parser grammar StreamSqlParser;

options {
    tokenVocab = StreamSqlLexer;
    superClass = NestingGuardedParser;
}

// ---------------------------------------------------------------- scripts

script
    : statement? (SEMICOLON statement?)* EOF
    ;

statement
    : query                                                       # queryStatement
    | insertStatement                                             # insert
    | updateStatement                                             # update
    | deleteStatement                                             # delete
    | createSource                                                # createSourceStatement
    | CREATE TYPE name=qualifiedName AS ENUM LPAREN (STRING (COMMA STRING)*)? RPAREN # createEnum
    | CREATE (OR REPLACE)? TYPE (IF NOT EXISTS)? name=identifier AS dataType # createType
    | createView                                                  # createViewStatement
    | createMaterializedView                                      # createMaterializedViewStatement
    | DROP MATERIALIZED VIEW (IF EXISTS)? qualifiedName (COMMA qualifiedName)* (CASCADE | RESTRICT)? # dropMaterializedView
    | REFRESH MATERIALIZED VIEW CONCURRENTLY? name=qualifiedName (WITH NO? DATA)? # refreshMaterializedView
    | COMMENT ON commentTarget IS (text | NULL)                   # comment
    | createIndex                                                 # createIndexStatement
    | DROP INDEX CONCURRENTLY? (IF EXISTS)? qualifiedName (COMMA qualifiedName)* (CASCADE | RESTRICT)? # dropIndex
    | GRANT privilege (COMMA privilege)* ON grantTarget TO roleName (COMMA roleName)* (WITH GRANT OPTION)? # grant
    | createSequence                                              # createSequenceStatement
    | ALTER SEQUENCE (IF EXISTS)? name=qualifiedName sequenceOption+ # alterSequence
    | DROP SEQUENCE (IF EXISTS)? qualifiedName (COMMA qualifiedName)* (CASCADE | RESTRICT)? # dropSequence
    | DROP VIEW (IF EXISTS)? qualifiedName (COMMA qualifiedName)* (CASCADE | RESTRICT)? # dropView
    | createConnector                                             # createConnectorStatement
    | DROP (STREAM | TABLE) (IF EXISTS)? qualifiedName (COMMA qualifiedName)* (DELETE TOPIC | CASCADE | RESTRICT)? # dropSource
    | TRUNCATE TABLE? ONLY? qualifiedName STAR? (COMMA ONLY? qualifiedName STAR?)* ((RESTART | CONTINUE) IDENTITY)? (CASCADE | RESTRICT)? # truncate
    | DROP TYPE (IF EXISTS)? name=qualifiedName (CASCADE | RESTRICT)? # dropType
    | DROP CONNECTOR (IF EXISTS)? name=identifier                 # dropConnector
    | CREATE kind=(ROLE | USER) name=identifier WITH? roleOption* # createRole
    | ALTER (ROLE | USER) name=identifier RENAME TO to=identifier # renameRole
    | ALTER (ROLE | USER) name=identifier WITH? roleOption+       # alterRole
    | DROP (ROLE | USER) (IF EXISTS)? identifier (COMMA identifier)* # dropRole
    | ALTER (STREAM | TABLE) (IF EXISTS)? ONLY? name=qualifiedName STAR? alteration (COMMA alteration)* # alterSource
    | ALTER SYSTEM (key=STRING | name=settingName) EQ value=STRING # alterSystem
    | (SHOW | LIST) showTarget                                    # show
    | SHOW (ALL | settingName)                                    # showSetting
    | SHOW TRANSACTION ISOLATION LEVEL                            # showIsolation
    | SHOW TIME ZONE                                              # showTimeZone
    | DESCRIBE ((STREAMS | TABLES) EXTENDED? | name=qualifiedName EXTENDED? | FUNCTION functionName | CONNECTOR connector=identifier) # describe
    | PRINT topic=topicName (FROM BEGINNING)? ((INTERVAL | SAMPLE) interval=INTEGER)? (LIMIT limit=INTEGER)? # print
    | TERMINATE (ALL | id=identifier)                             # terminate
    | PAUSE (ALL | id=identifier)                                 # pause
    | RESUME (ALL | id=identifier)                                # resume
    | EXPLAIN explainOptions? (explained | id=identifier)         # explain
    | DEFINE name=identifier EQ value=STRING                      # define
    | UNDEFINE name=identifier                                    # undefine
    | assertStatement                                             # assert
    | RUN SCRIPT path=STRING                                      # runScript
    | setStatement                                                # set
    | UNSET key=STRING                                            # unset
    | RESET (ALL | TIME ZONE | SESSION AUTHORIZATION | TRANSACTION ISOLATION LEVEL | settingName) # reset
    | DISCARD (ALL | PLANS | SEQUENCES | TEMP | TEMPORARY)        # discard
    | transactionStatement                                        # transaction
    | cursorStatement                                             # cursor
    | copyStatement                                               # copy
    | PREPARE name=identifier (LPAREN dataType (COMMA dataType)* RPAREN)? AS explained # prepare
    | EXECUTE name=identifier (LPAREN expression (COMMA expression)* RPAREN)? # execute
    | DEALLOCATE PREPARE? (ALL | name=identifier)                 # deallocate
    | LISTEN channel=identifier                                   # listen
    | NOTIFY channel=identifier (COMMA payload=STRING)?           # notify
    | UNLISTEN (STAR | channel=identifier)                        # unlisten
    | maintenanceStatement                                        # maintenance
    | LOCK TABLE? lockedTable (COMMA lockedTable)* (IN lockMode MODE)? NOWAIT? # lockTable
    ;

lockedTable
    : ONLY? qualifiedName STAR?
    ;

lockMode
    : (ROW | SHARE | UPDATE | identifier)+
    ;

// What PostgreSQL's tables need now and then, and storage here does by itself.
maintenanceStatement
    : VACUUM (maintenanceOptions | FULL? FREEZE? VERBOSE? ANALYZE?) (maintained (COMMA maintained)*)?
    | ANALYZE (maintenanceOptions | VERBOSE)? (maintained (COMMA maintained)*)?
    | CHECKPOINT
    ;

maintenanceOptions
    : LPAREN explainOption (COMMA explainOption)* RPAREN
    ;

maintained
    : ONLY? qualifiedName STAR? (LPAREN identifier (COMMA identifier)* RPAREN)?
    ;

// ---------------------------------------------------------------- streams, tables, connectors

createSource
    : CREATE (OR REPLACE)? SOURCE? kind=(STREAM | TABLE) (IF NOT EXISTS)? name=qualifiedName
      tableElements? withProperties? (AS query)?
    ;

tableElements
    : LPAREN (tableElement (COMMA tableElement)*)? RPAREN
    ;

tableElement
    : (CONSTRAINT identifier)? PRIMARY KEY nameList constraintTiming* # primaryKeyElement
    | (CONSTRAINT constraint=identifier)? tableConstraint constraintTiming* # constraintElement
    | name=identifier dataType columnConstraint*                  # columnElement
    ;

tableConstraint
    : UNIQUE (NULLS NOT? DISTINCT)? nameList                      # uniqueColumns
    | CHECK LPAREN expression RPAREN (NO INHERIT)?                # checkedRow
    | FOREIGN KEY nameList references                             # foreignKey
    ;

references
    : REFERENCES qualifiedName nameList? (ON (DELETE | UPDATE) (NO ACTION | RESTRICT | CASCADE | SET (NULL | DEFAULT)))*
    ;

constraintTiming
    : NOT? DEFERRABLE
    | INITIALLY identifier
    ;

nameList
    : LPAREN identifier (COMMA identifier)* RPAREN
    ;

columnConstraint
    : (CONSTRAINT identifier)? PRIMARY? KEY                       # keyConstraint
    | HEADERS                                                     # headersConstraint
    | HEADER LPAREN key=STRING RPAREN                             # headerConstraint
    | (CONSTRAINT identifier)? NOT? NULL                          # nullConstraint
    | DEFAULT expression                                          # defaultConstraint
    | (CONSTRAINT constraint=identifier)? UNIQUE (NULLS NOT? DISTINCT)? # uniqueConstraint
    | (CONSTRAINT constraint=identifier)? CHECK LPAREN expression RPAREN (NO INHERIT)? # checkConstraint
    | (CONSTRAINT constraint=identifier)? references              # referencesConstraint
    | constraintTiming                                            # timingConstraint
    | GENERATED (ALWAYS | BY DEFAULT) AS IDENTITY (LPAREN sequenceOption+ RPAREN)? # identityConstraint
    ;

withProperties
    : WITH LPAREN (property (COMMA property)*)? RPAREN
    ;

property
    : (columnLabel | STRING) EQ propertyValue
    ;

propertyValue
    : text
    | (PLUS | MINUS)? numeric
    | TRUE
    | FALSE
    | NULL
    | identifier
    ;

createView
    : CREATE (OR REPLACE)? RECURSIVE? VIEW name=qualifiedName nameList? AS query
    ;

createMaterializedView
    : CREATE (OR REPLACE)? MATERIALIZED VIEW (IF NOT EXISTS)? name=qualifiedName nameList? withProperties? AS query (WITH DATA)?
    ;

// ---------------------------------------------------------------- what PostgreSQL's tools send beside a table

commentTarget
    : kind=(TABLE | STREAM | VIEW | COLUMN | DATABASE | SCHEMA) qualifiedName
    | MATERIALIZED kind=VIEW qualifiedName
    ;

createIndex
    : CREATE UNIQUE? INDEX CONCURRENTLY? ((IF NOT EXISTS)? index=identifier)? ON ONLY? table=qualifiedName (USING method=identifier)?
      LPAREN indexItem (COMMA indexItem)* RPAREN (INCLUDE nameList)? (NULLS NOT? DISTINCT)? withProperties? whereClause?
    ;

indexItem
    : expression operatorClass=qualifiedName? (ASC | DESC)? (NULLS (FIRST | LAST))?
    ;

privilege
    : (ALL PRIVILEGES? | SELECT | REFERENCES | CREATE | identifier) nameList?
    ;

grantTarget
    : TABLE? qualifiedName (COMMA qualifiedName)*                 # grantOnTables
    | kind=(SEQUENCE | DATABASE | SCHEMA | FUNCTION | TYPE) qualifiedName (COMMA qualifiedName)* # grantOnOthers
    | ALL identifier IN SCHEMA identifier (COMMA identifier)*     # grantOnAll
    ;

roleName
    : identifier
    ;

createSequence
    : CREATE SEQUENCE (IF NOT EXISTS)? name=qualifiedName (AS dataType)? sequenceOption*
    ;

sequenceOption
    : INCREMENT BY? sequenceNumber                                # incrementOption
    | MINVALUE sequenceNumber                                     # minimumOption
    | MAXVALUE sequenceNumber                                     # maximumOption
    | START WITH? sequenceNumber                                  # startOption
    | RESTART (WITH? sequenceNumber)?                             # restartOption
    | CACHE sequenceNumber                                        # cacheOption
    | OWNED BY qualifiedName                                      # ownerOption
    | NO (MINVALUE | MAXVALUE | CYCLE)                            # withoutOption
    | CYCLE                                                       # cycleOption
    ;

sequenceNumber
    : MINUS? INTEGER
    ;

// What also reads as a column with such a name comes first.
alteration
    : ADD (CONSTRAINT constraint=identifier)? PRIMARY KEY nameList constraintTiming* # addPrimaryKey
    | ADD (CONSTRAINT constraint=identifier)? tableConstraint constraintTiming* (NOT VALID)? # addConstraint
    | ADD COLUMN? (IF NOT EXISTS)? identifier dataType columnConstraint* # addColumn
    | ALTER COLUMN? identifier SET DEFAULT expression             # setDefault
    | ALTER COLUMN? identifier DROP DEFAULT                       # dropDefault
    | ALTER COLUMN? identifier (SET | DROP) NOT NULL              # setNotNull
    | ALTER COLUMN? identifier (SET DATA)? TYPE dataType (COLLATE qualifiedName)? (USING expression)? # setType
    | DROP CONSTRAINT (IF EXISTS)? identifier (CASCADE | RESTRICT)? # dropConstraint
    | DROP COLUMN? (IF EXISTS)? identifier (CASCADE | RESTRICT)?  # dropColumn
    | RENAME CONSTRAINT identifier TO to=identifier               # renameConstraint
    | RENAME TO to=identifier                                     # renameSource
    | RENAME COLUMN? identifier TO to=identifier                  # renameColumn
    | layoutChange                                                # changeLayout
    ;

// What says how PostgreSQL stores a table, or whose it is.
layoutChange
    : OWNER TO roleName
    | (SET | RESET) LPAREN storageParameter (COMMA storageParameter)* RPAREN
    | ALTER COLUMN? identifier SET (STATISTICS MINUS? INTEGER | STORAGE identifier)
    | REPLICA IDENTITY (FULL | NOTHING | DEFAULT | USING INDEX identifier)
    | VALIDATE CONSTRAINT identifier
    ;

storageParameter
    : columnLabel (DOT columnLabel)? (EQ propertyValue)?
    ;

createConnector
    : CREATE kind=(SOURCE | SINK) CONNECTOR (IF NOT EXISTS)? name=identifier withProperties
    ;

assertStatement
    : ASSERT NULL VALUES name=qualifiedName (LPAREN identifier (COMMA identifier)* RPAREN)? KEY LPAREN expression (COMMA expression)* RPAREN # assertTombstone
    | ASSERT VALUES name=qualifiedName (LPAREN identifier (COMMA identifier)* RPAREN)? VALUES LPAREN expression (COMMA expression)* RPAREN # assertValues
    | ASSERT kind=(STREAM | TABLE) name=qualifiedName tableElements? withProperties? # assertSource
    | ASSERT (NOT EXISTS)? TOPIC topic=topicName withProperties? (TIMEOUT duration)? # assertTopic
    | ASSERT (NOT EXISTS)? SCHEMA (SUBJECT subject=topicName)? (ID id=INTEGER)? (TIMEOUT duration)? # assertSchema
    ;

showTarget
    : PROPERTIES
    | ALL? TOPICS EXTENDED?
    | STREAMS EXTENDED?
    | TABLES EXTENDED?
    | QUERIES EXTENDED?
    | FUNCTIONS
    | CONNECTOR PLUGINS
    | (SOURCE | SINK)? CONNECTORS
    | TYPES
    | VARIABLES
    ;

topicName
    : identifier
    | STRING
    ;

// ---------------------------------------------------------------- roles

roleOption
    : ENCRYPTED? PASSWORD (text | NULL)                           # passwordOption
    | VALID UNTIL text                                            # validUntilOption
    | CONNECTION LIMIT MINUS? INTEGER                             # connectionLimitOption
    | attribute=identifier                                        # attributeOption
    ;

// ---------------------------------------------------------------- rows in and out

insertStatement
    : withClause? INSERT INTO name=qualifiedName (LPAREN identifier (COMMA identifier)* RPAREN)? withProperties?
      (DEFAULT VALUES | query) onConflict? returning?
    ;

onConflict
    : ON CONFLICT (LPAREN identifier (COMMA identifier)* RPAREN | ON CONSTRAINT constraint=identifier)?
      DO (NOTHING | UPDATE SET assignment (COMMA assignment)* whereClause?)
    ;

returning
    : RETURNING selectItem (COMMA selectItem)*
    ;

updateStatement
    : withClause? UPDATE name=qualifiedName (AS? alias=bareAlias)? SET assignment (COMMA assignment)*
      (FROM fromItem (COMMA fromItem)*)? whereClause? returning?
    ;

assignment
    : identifier EQ (DEFAULT | expression)                        # columnAssignment
    | LPAREN identifier (COMMA identifier)* RPAREN EQ ROW? LPAREN valuesItem (COMMA valuesItem)* RPAREN # rowAssignment
    | LPAREN identifier (COMMA identifier)* RPAREN EQ LPAREN query RPAREN # queryAssignment
    ;

deleteStatement
    : withClause? DELETE FROM name=qualifiedName (AS? alias=bareAlias)? (USING fromItem (COMMA fromItem)*)? whereClause? returning?
    ;

copyStatement
    : COPY (LPAREN query RPAREN | name=qualifiedName (LPAREN identifier (COMMA identifier)* RPAREN)?)
      direction=(TO | FROM) (STDIN | STDOUT | file=STRING) copyOptions?
    ;

copyOptions
    : WITH? LPAREN copyOption (COMMA copyOption)* RPAREN
    | WITH? legacyCopyOption+
    ;

copyOption
    : columnLabel (propertyValue | STAR | LPAREN identifier (COMMA identifier)* RPAREN)?
    ;

legacyCopyOption
    : BINARY
    | CSV
    | HEADER
    | DELIMITER AS? text
    | NULL AS? text
    | QUOTE AS? text
    | ESCAPE AS? text
    ;

// ---------------------------------------------------------------- the session

setStatement
    : SET key=STRING EQ value=STRING                              # setProperty
    | SET SESSION CHARACTERISTICS AS TRANSACTION transactionMode (COMMA? transactionMode)* # setCharacteristics
    | SET TRANSACTION transactionMode (COMMA? transactionMode)*   # setTransaction
    | SET (SESSION | LOCAL)? TIME ZONE settingValue               # setTimeZone
    | SET (SESSION | LOCAL)? SESSION AUTHORIZATION settingValue   # setAuthorization
    | SET (SESSION | LOCAL)? ROLE settingValue                    # setRole
    | SET (SESSION | LOCAL)? settingName (EQ | TO) settingValue (COMMA settingValue)* # setVariable
    | SET (SESSION | LOCAL)? NAMES settingValue?                  # setNames
    ;

settingName
    : identifier (DOT columnLabel)*
    ;

settingValue
    : text
    | (PLUS | MINUS)? numeric
    | INTERVAL text
    | DEFAULT
    | columnLabel
    ;

transactionStatement
    : (BEGIN (TRANSACTION | WORK)? | START TRANSACTION) (transactionMode (COMMA? transactionMode)*)? # begin
    | (COMMIT | END) (TRANSACTION | WORK)? (AND NO? CHAIN)?       # commit
    | (ROLLBACK | ABORT) (TRANSACTION | WORK)? (AND NO? CHAIN)?   # rollback
    | SAVEPOINT name=identifier                                   # savepoint
    | RELEASE SAVEPOINT? name=identifier                          # release
    | (ROLLBACK | ABORT) (TRANSACTION | WORK)? TO SAVEPOINT? name=identifier # rollbackTo
    ;

transactionMode
    : ISOLATION LEVEL (SERIALIZABLE | REPEATABLE READ | READ COMMITTED | READ UNCOMMITTED)
    | READ ONLY
    | READ WRITE
    | NOT? DEFERRABLE
    ;

cursorStatement
    : DECLARE name=identifier (BINARY | INSENSITIVE | ASENSITIVE | NO? SCROLL)* CURSOR ((WITH | WITHOUT) HOLD)? FOR query # declareCursor
    | FETCH (direction=fetchDirection (FROM | IN)?)? name=identifier withProperties? # fetch
    | FETCH (FROM | IN) name=identifier withProperties?           # fetch
    | MOVE (direction=fetchDirection (FROM | IN)?)? name=identifier # move
    | MOVE (FROM | IN) name=identifier                            # move
    | CLOSE (ALL | name=identifier)                               # close
    ;

fetchDirection
    : NEXT
    | PRIOR
    | FIRST
    | LAST
    | (ABSOLUTE | RELATIVE) MINUS? INTEGER
    | MINUS? INTEGER
    | ALL
    | (FORWARD | BACKWARD) (MINUS? INTEGER | ALL)?
    ;

explainOptions
    : ANALYZE VERBOSE?
    | VERBOSE
    | LPAREN explainOption (COMMA explainOption)* RPAREN
    ;

explainOption
    : (columnLabel) propertyValue?
    ;

explained
    : query
    | insertStatement
    | updateStatement
    | deleteStatement
    | createSource
    ;

// ---------------------------------------------------------------- queries

query
    : withClause? queryExpression queryTail*
    ;

withClause
    : WITH RECURSIVE? commonTable (COMMA commonTable)*
    ;

commonTable
    : name=identifier (LPAREN identifier (COMMA identifier)* RPAREN)? AS (NOT? MATERIALIZED)?
      LPAREN (query | insertStatement | updateStatement | deleteStatement) RPAREN searchClause? cycleClause?
    ;

searchClause
    : SEARCH (BREADTH | DEPTH) FIRST BY identifier (COMMA identifier)* SET order=identifier
    ;

cycleClause
    : CYCLE identifier (COMMA identifier)* SET mark=identifier (TO value=expression DEFAULT otherwise=expression)? USING path=identifier
    ;

queryTail
    : ORDER BY sortItem (COMMA sortItem)*                         # orderByTail
    | LIMIT (ALL | expression)                                    # limitTail
    | OFFSET expression (ROW | ROWS)?                             # offsetTail
    | FETCH (FIRST | NEXT) (count=INTEGER | LPAREN expression RPAREN)? (ROW | ROWS) (ONLY | WITH TIES) # fetchTail
    | EMIT (CHANGES | FINAL) withProperties? (AS OF position=expression)? # emitTail
    | FOR (UPDATE | SHARE | NO KEY UPDATE | KEY SHARE) (OF qualifiedName (COMMA qualifiedName)*)? (NOWAIT | SKIP_ LOCKED)? # lockTail
    ;

sortItem
    : expression (ASC | DESC | USING sortOperator)? (NULLS (FIRST | LAST))?
    ;

sortOperator
    : comparisonOperator
    | OPERATOR LPAREN (identifier DOT)* operatorSymbol RPAREN
    ;

queryExpression
    : queryTerm (setOperator queryTerm)*
    ;

setOperator
    : (UNION | EXCEPT) (ALL | DISTINCT)?
    ;

queryTerm
    : queryPrimary (intersectOperator queryPrimary)*
    ;

intersectOperator
    : INTERSECT (ALL | DISTINCT)?
    ;

queryPrimary
    : select                                                      # selectPrimary
    | VALUES valuesRow (COMMA valuesRow)*                         # valuesPrimary
    | TABLE qualifiedName                                         # tablePrimaryQuery
    | LPAREN query RPAREN                                         # parenthesisedQuery
    ;

valuesRow
    : LPAREN valuesItem (COMMA valuesItem)* RPAREN
    ;

valuesItem
    : DEFAULT
    | rowItem
    ;

select
    : SELECT (ALL | DISTINCT (ON LPAREN expression (COMMA expression)* RPAREN)?)? (selectItem (COMMA selectItem)*)?
      (FROM fromItem (COMMA fromItem)*)?
      (WINDOW bareAlias? streamWindow)?
      whereClause?
      groupBy?
      (PARTITION BY partition+=expression (COMMA partition+=expression)*)?
      (HAVING having=expression)?
      (WINDOW namedWindow (COMMA namedWindow)*)?
    ;

selectItem
    : STAR                                                        # starItem
    | LPAREN qualifiedName DOT STAR RPAREN                        # parenthesisedStar
    | expression ((DOT | ARROW) STAR | AS columnLabel | bareAlias)? # expressionItem
    ;

whereClause
    : WHERE expression
    ;

groupBy
    : GROUP BY (ALL | DISTINCT)? groupingElement (COMMA groupingElement)*
    ;

groupingElement
    : GROUPING SETS LPAREN groupingElement (COMMA groupingElement)* RPAREN # groupingSets
    | ROLLUP LPAREN expression (COMMA expression)* RPAREN         # rollup
    | CUBE LPAREN expression (COMMA expression)* RPAREN           # cube
    | LPAREN RPAREN                                               # emptyGrouping
    | expression                                                  # groupingExpression
    ;

fromItem
    : tablePrimary joinSuffix*
    ;

joinSuffix
    : CROSS JOIN tablePrimary
    | NATURAL joinType? JOIN tablePrimary
    | joinType? JOIN tablePrimary joinSuffix* joinWindow? (ON expression | USING LPAREN identifier (COMMA identifier)* RPAREN (AS bareAlias)?)
    ;

joinType
    : INNER
    | (LEFT | RIGHT | FULL) OUTER?
    ;

joinWindow
    : WITHIN (LPAREN before=duration COMMA after=duration RPAREN | size=duration) (GRACE PERIOD grace=duration)?
    ;

tablePrimary
    : LATERAL? functionCall (WITH ORDINALITY)? functionAlias?     # functionTable
    | LATERAL? ROWS FROM LPAREN functionCall (COMMA functionCall)* RPAREN (WITH ORDINALITY)? tableAlias? # functionsTable
    | ONLY? qualifiedName STAR? tableAlias? sample?               # namedTable
    | LATERAL? LPAREN query RPAREN tableAlias?                    # queryTable
    | LPAREN fromItem RPAREN tableAlias?                          # parenthesisedTable
    ;

sample
    : TABLESAMPLE method=qualifiedName LPAREN expression (COMMA expression)* RPAREN (REPEATABLE LPAREN expression RPAREN)?
    ;

tableAlias
    : (AS identifier | bareAlias) (LPAREN identifier (COMMA identifier)* RPAREN)?
    ;

functionAlias
    : tableAlias
    | AS? bareAlias LPAREN columnDefinition (COMMA columnDefinition)* RPAREN
    | AS LPAREN columnDefinition (COMMA columnDefinition)* RPAREN
    ;

columnDefinition
    : identifier dataType
    ;

streamWindow
    : TUMBLING LPAREN SIZE size=duration windowOption* RPAREN     # tumblingWindow
    | HOPPING LPAREN SIZE size=duration COMMA ADVANCE BY advance=duration windowOption* RPAREN # hoppingWindow
    | SESSION LPAREN gap=duration windowOption* RPAREN            # sessionWindow
    ;

windowOption
    : COMMA RETENTION duration                                    # retentionOption
    | COMMA GRACE PERIOD duration                                 # graceOption
    ;

duration
    : INTEGER identifier
    ;

namedWindow
    : identifier AS LPAREN windowDefinition RPAREN
    ;

windowDefinition
    : basis=bareAlias? (PARTITION BY partition+=expression (COMMA partition+=expression)*)?
      (ORDER BY sortItem (COMMA sortItem)*)? windowFrame?
    ;

windowFrame
    : (ROWS | RANGE | GROUPS) (frameBound | BETWEEN frameBound AND frameBound)
      (EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS))?
    ;

frameBound
    : UNBOUNDED (PRECEDING | FOLLOWING)
    | CURRENT ROW
    | expression (PRECEDING | FOLLOWING)
    ;

// ---------------------------------------------------------------- expressions, loosest first

expression
    : conjunction (OR conjunction)*
    ;

conjunction
    : negation (AND negation)*
    ;

negation
    : NOT* predicate
    ;

// A test behind an expression is over with its last word, so that anything may follow: a IS NULL = b is (a IS NULL) = b.
predicate
    : comparison (isTest (comparisonTail | rangeTail)* | distinctTest)* negatedTail?
    ;

isTest
    : IS NOT? NULL
    | ISNULL
    | NOTNULL
    | IS NOT? (TRUE | FALSE | UNKNOWN)
    | IS NOT? form=identifier? NORMALIZED
    ;

distinctTest
    : IS NOT? DISTINCT FROM comparison
    ;

// NOT takes all that it can behind another operator too, so that it is the last: a = NOT b = c is a = (NOT (b = c)).
negatedTail
    : comparisonOperator negatedOperand                           # negatedComparison
    | IS NOT? DISTINCT FROM negatedOperand                        # negatedDistinct
    | NOT? (LIKE | ILIKE | SIMILAR TO) negatedOperand             # negatedLike
    | NOT? BETWEEN SYMMETRIC? valueExpression AND negatedOperand  # negatedBetween
    | otherOperator negatedOperand                                # negatedOther
    ;

negatedOperand
    : NOT+ predicate
    ;

// Comparisons do not chain, nor do BETWEEN, LIKE and their kin: what builds the tree refuses a = b = c.
comparison
    : rangePredicate comparisonTail*
    ;

comparisonTail
    : comparisonOperator rangePredicate
    | comparisonOperator quantifier=(ANY | SOME | ALL) LPAREN (query | expression) RPAREN
    ;

comparisonOperator
    : EQ
    | NEQ
    | LT
    | LTE
    | GT
    | GTE
    ;

rangePredicate
    : valueExpression rangeTail*
    ;

rangeTail
    : NOT? BETWEEN SYMMETRIC? valueExpression AND valueExpression # between
    | OVERLAPS valueExpression                                    # overlaps
    | NOT? IN LPAREN (query | expression (COMMA expression)*) RPAREN # inSet
    | NOT? (LIKE | ILIKE | SIMILAR TO) (valueExpression | quantifier=(ANY | SOME | ALL) LPAREN (query | expression) RPAREN) (ESCAPE text)? # like
    ;

valueExpression
    : primaryExpression                                           # primary
    | valueExpression DOT columnLabel                             # fieldAccess
    | valueExpression ARROW columnLabel                           # structAccess
    | valueExpression LBRACKET (lower=expression (COLON upper=expression?)? | COLON upper=expression?) RBRACKET # subscript
    | valueExpression DOUBLE_COLON dataType                       # castOperator
    | (PLUS | MINUS) valueExpression                                # unary
    | valueExpression COLLATE qualifiedName                       # collate
    | valueExpression AT TIME ZONE valueExpression               # atTimeZone
    | <assoc = left> valueExpression CARET valueExpression        # binary
    | valueExpression (STAR | SLASH | PERCENT) valueExpression    # binary
    | valueExpression (PLUS | MINUS) valueExpression              # binary
    | (TILDE | AT_SIGN | SQUARE_ROOT | CUBE_ROOT) valueExpression   # unary
    | valueExpression ARROW jsonKey                               # jsonAccess
    | valueExpression otherOperator valueExpression               # binary
    | valueExpression otherOperator quantifier=(ANY | SOME | ALL) LPAREN (query | expression) RPAREN # quantifiedOperator
    ;

// What an arrow on JSON may be followed by; a bare name is a field of a STRUCT.
jsonKey
    : (text | MINUS? INTEGER | PARAMETER) (DOUBLE_COLON dataType)*
    | LPAREN expression RPAREN
    ;

otherOperator
    : CONCAT
    | LONG_ARROW
    | HASH_ARROW
    | HASH_LONG_ARROW
    | HASH_MINUS
    | CONTAINS
    | CONTAINED
    | PATH_EXISTS
    | PATH_MATCHES
    | STARTS_WITH
    | DOUBLE_AMPERSAND
    | QUESTION
    | QUESTION_BAR
    | QUESTION_AND
    | TILDE
    | TILDE_STAR
    | NOT_TILDE
    | NOT_TILDE_STAR
    | LIKE_OPERATOR
    | ILIKE_OPERATOR
    | NOT_LIKE_OPERATOR
    | NOT_ILIKE_OPERATOR
    | BAR
    | AMPERSAND
    | HASH
    | SHIFT_LEFT
    | GT GT
    | OPERATOR LPAREN (identifier DOT)* operatorSymbol RPAREN
    ;

operatorSymbol
    : otherOperator
    | ARROW
    | comparisonOperator
    | PLUS
    | MINUS
    | STAR
    | SLASH
    | PERCENT
    | CARET
    ;

primaryExpression
    : NULL                                                        # nullLiteral
    | TRUE                                                        # trueLiteral
    | FALSE                                                       # falseLiteral
    | numeric                                                      # numberLiteral
    | text                                                      # stringLiteral
    | HEX_STRING                                                  # hexLiteral
    | PARAMETER                                                   # parameter
    | INTERVAL (LPAREN INTEGER RPAREN)? text (intervalField (TO intervalField)?)? # intervalLiteral
    | literalType text                                          # typedLiteral
    | CASE operand=expression? whenClause+ (ELSE otherwise=expression)? END # case
    | CAST LPAREN expression AS dataType RPAREN                   # cast
    | EXTRACT LPAREN (identifier | text) FROM expression RPAREN # extract
    | SUBSTRING LPAREN expression (FROM start=expression (FOR length=expression)? | FOR length=expression (FROM start=expression)?) RPAREN # substring
    | SUBSTRING LPAREN expression SIMILAR pattern=expression ESCAPE escape=expression RPAREN # substringSimilar
    | POSITION LPAREN needle=valueExpression IN haystack=valueExpression RPAREN # position
    | TRIM LPAREN (LEADING | TRAILING | BOTH)? characters=expression? FROM expression RPAREN # trim
    | OVERLAY LPAREN expression PLACING replacement=expression FROM start=expression (FOR length=expression)? RPAREN # overlay
    | ARRAY LBRACKET (expression (COMMA expression)*)? RBRACKET   # arrayConstructor
    | ARRAY LPAREN query RPAREN                                   # arrayQuery
    | MAP LPAREN (mapEntry (COMMA mapEntry)*)? RPAREN             # mapConstructor
    | STRUCT LPAREN (structField (COMMA structField)*)? RPAREN    # structConstructor
    | ROW LPAREN (rowItem (COMMA rowItem)*)? RPAREN               # row
    | EXISTS LPAREN query RPAREN                                  # exists
    | functionCall                                                # call
    | identifier                                                  # column
    | LPAREN query RPAREN                                         # scalarQuery
    | LPAREN rowItem (COMMA rowItem)+ RPAREN                      # row
    | LPAREN expression RPAREN                                    # parenthesised
    | LBRACKET (expression (COMMA expression)*)? RBRACKET         # arrayConstructor
    ;

rowItem
    : expression (DOT STAR)?
    ;

whenClause
    : WHEN condition=expression THEN result=expression
    ;

mapEntry
    : key=expression ASSIGN value=expression
    ;

structField
    : columnLabel ASSIGN expression
    ;

intervalField
    : YEAR
    | MONTH
    | DAY
    | HOUR
    | MINUTE
    | SECOND (LPAREN INTEGER RPAREN)?
    ;

functionCall
    : functionName LPAREN (STAR | (ALL | DISTINCT)? argument (COMMA argument)* (ORDER BY sortItem (COMMA sortItem)*)?)? RPAREN
      (WITHIN GROUP LPAREN ORDER BY within+=sortItem (COMMA within+=sortItem)* RPAREN)?
      (FILTER LPAREN WHERE filter=expression RPAREN)?
      (OVER (identifier | LPAREN windowDefinition RPAREN))?
    ;

argument
    : VARIADIC? rowItem
    | lambda
    ;

lambda
    : identifier (DOUBLE_ARROW | ASSIGN) expression
    | LPAREN identifier (COMMA identifier)* RPAREN DOUBLE_ARROW expression
    ;

functionName
    : (identifier DOT)* (identifier | functionKeyword)
    ;

// ---------------------------------------------------------------- types

dataType
    : baseType (ARRAY (LBRACKET INTEGER RBRACKET)? | (LBRACKET INTEGER? RBRACKET)+)?
    ;

baseType
    : ARRAY LT dataType GT                                        # arrayType
    | MAP LT key=dataType COMMA value=dataType GT                 # mapType
    | STRUCT (NEQ | LT (structFieldType (COMMA structFieldType)*)? GT) # structType
    | DOUBLE PRECISION?                                           # doubleType
    | (CHARACTER | CHAR) VARYING? (LPAREN INTEGER RPAREN)?        # characterType
    | (TIME | TIMESTAMP) (LPAREN INTEGER RPAREN)? ((WITH | WITHOUT) TIME ZONE)? # timeType
    | INTERVAL (intervalField (TO intervalField)?)? (LPAREN INTEGER RPAREN)? # intervalType
    | qualifiedName (LPAREN typeArgument (COMMA typeArgument)* RPAREN)? # namedType
    ;

structFieldType
    : columnLabel dataType
    ;

typeArgument
    : INTEGER
    | identifier
    | STRING
    ;

literalType
    : DOUBLE PRECISION
    | (CHARACTER | CHAR) VARYING? (LPAREN INTEGER RPAREN)?
    | (TIME | TIMESTAMP) (LPAREN INTEGER RPAREN)? ((WITH | WITHOUT) TIME ZONE)?
    | qualifiedName
    ;

// ---------------------------------------------------------------- names and literals

qualifiedName
    : identifier (DOT columnLabel)*
    ;

numeric
    : INTEGER
    | DECIMAL
    | FLOAT
    ;

text
    : STRING
    | ESCAPE_STRING
    | DOLLAR_STRING
    | UNICODE_STRING (UESCAPE STRING)?
    ;

// A name where any word may stand: after AS, after a dot, in STRUCT.
columnLabel
    : identifier
    | functionKeyword
    | reserved
    ;

// A name anywhere else.
identifier
    : bareAlias
    | clauseKeyword
    ;

// A name that can follow an expression or a table without AS.
bareAlias
    : IDENTIFIER
    | QUOTED_IDENTIFIER
    | UNICODE_IDENTIFIER
    | BACKQUOTED_IDENTIFIER
    | unreserved
    ;

// Words that may name columns, but that would be read as the next clause where an alias could stand.
clauseKeyword
    : AT
    | DAY
    | EMIT
    | ESCAPE
    | FILTER
    | GRACE
    | HOUR
    | ISNULL
    | MINUTE
    | MONTH
    | NOTNULL
    | OFFSET
    | OPERATOR
    | OVER
    | PARTITION
    | PRECEDING
    | FOLLOWING
    | SECOND
    | SET
    | TABLESAMPLE
    | VALUES
    | WINDOW
    | WITHIN
    | YEAR
    ;

// Reserved words that can name a function.
functionKeyword
    : LEFT
    | RIGHT
    | FULL
    | LIKE
    ;

reserved
    : ALL
    | AND
    | ANY
    | AS
    | BETWEEN
    | CASE
    | CAST
    | COLLATE
    | CREATE
    | CROSS
    | DEFAULT
    | DISTINCT
    | ELSE
    | END
    | EXCEPT
    | EXISTS
    | FALSE
    | FETCH
    | FOR
    | FROM
    | GROUP
    | HAVING
    | ILIKE
    | IN
    | INNER
    | INTERSECT
    | INTO
    | IS
    | JOIN
    | LATERAL
    | LIMIT
    | NATURAL
    | NOT
    | NULL
    | ON
    | ONLY
    | OR
    | ORDER
    | OUTER
    | RETURNING
    | SELECT
    | SIMILAR
    | SOME
    | THEN
    | TRUE
    | UNION
    | USING
    | WHEN
    | WHERE
    | WITH
    ;

unreserved
    : ABORT
    | ABSOLUTE
    | ACTION
    | ADD
    | ADVANCE
    | ALTER
    | ALWAYS
    | ANALYZE
    | ARRAY
    | ASC
    | ASENSITIVE
    | ASSERT
    | AUTHORIZATION
    | BACKWARD
    | BEGIN
    | BEGINNING
    | BINARY
    | BOTH
    | BREADTH
    | BY
    | CACHE
    | CASCADE
    | CHAIN
    | CHANGES
    | CHAR
    | CHARACTER
    | CHARACTERISTICS
    | CHECK
    | CHECKPOINT
    | CLOSE
    | COLUMN
    | COMMENT
    | COMMIT
    | COMMITTED
    | CONCURRENTLY
    | CONFLICT
    | CONNECTION
    | CONNECTOR
    | CONNECTORS
    | CONSTRAINT
    | CONTINUE
    | COPY
    | CSV
    | CUBE
    | CURRENT
    | CURSOR
    | CYCLE
    | DATA
    | DATABASE
    | DEALLOCATE
    | DECLARE
    | DEFERRABLE
    | DEFINE
    | DELETE
    | DELIMITER
    | DEPTH
    | DESC
    | DESCRIBE
    | DISCARD
    | DO
    | DOUBLE
    | DROP
    | ENCRYPTED
    | ENUM
    | EXCLUDE
    | EXECUTE
    | EXPLAIN
    | EXTENDED
    | EXTRACT
    | FINAL
    | FIRST
    | FOREIGN
    | FORWARD
    | FREEZE
    | FUNCTION
    | FUNCTIONS
    | GENERATED
    | GRANT
    | GROUPING
    | GROUPS
    | HEADER
    | HEADERS
    | HOLD
    | HOPPING
    | ID
    | IDENTITY
    | IF
    | INCLUDE
    | INCREMENT
    | INDEX
    | INHERIT
    | INITIALLY
    | INSENSITIVE
    | INSERT
    | INTERVAL
    | ISOLATION
    | KEY
    | LAST
    | LEADING
    | LEVEL
    | LIST
    | LISTEN
    | LOCAL
    | LOCK
    | LOCKED
    | MAP
    | MATERIALIZED
    | MAXVALUE
    | MINVALUE
    | MODE
    | MOVE
    | NAMES
    | NEXT
    | NO
    | NORMALIZED
    | NOTHING
    | NOTIFY
    | NOWAIT
    | NULLS
    | OF
    | OPTION
    | ORDINALITY
    | OTHERS
    | OVERLAPS
    | OVERLAY
    | OWNED
    | OWNER
    | PASSWORD
    | PAUSE
    | PERIOD
    | PLACING
    | PLANS
    | PLUGINS
    | POSITION
    | PRECISION
    | PREPARE
    | PRIMARY
    | PRINT
    | PRIOR
    | PRIVILEGES
    | PROPERTIES
    | QUERIES
    | QUOTE
    | RANGE
    | READ
    | RECURSIVE
    | REFERENCES
    | REFRESH
    | RELATIVE
    | RELEASE
    | RENAME
    | REPEATABLE
    | REPLACE
    | REPLICA
    | RESET
    | RESTART
    | RESTRICT
    | RESUME
    | RETENTION
    | ROLE
    | ROLLBACK
    | ROLLUP
    | ROW
    | ROWS
    | RUN
    | SAMPLE
    | SAVEPOINT
    | SCHEMA
    | SCRIPT
    | SCROLL
    | SEARCH
    | SEQUENCE
    | SEQUENCES
    | SERIALIZABLE
    | SESSION
    | SETS
    | SHARE
    | SHOW
    | SINK
    | SIZE
    | SKIP_
    | SOURCE
    | START
    | STATISTICS
    | STDIN
    | STDOUT
    | STORAGE
    | STREAM
    | STREAMS
    | STRUCT
    | SUBJECT
    | SUBSTRING
    | SYMMETRIC
    | SYSTEM
    | TABLE
    | TABLES
    | TEMP
    | TEMPORARY
    | TERMINATE
    | TIES
    | TIME
    | TIMEOUT
    | TIMESTAMP
    | TO
    | TOPIC
    | TOPICS
    | TRAILING
    | TRANSACTION
    | TRIM
    | TRUNCATE
    | TUMBLING
    | TYPE
    | TYPES
    | UESCAPE
    | UNBOUNDED
    | UNCOMMITTED
    | UNDEFINE
    | UNIQUE
    | UNKNOWN
    | UNLISTEN
    | UNSET
    | UNTIL
    | UPDATE
    | USER
    | VACUUM
    | VALID
    | VALIDATE
    | VARIABLES
    | VARIADIC
    | VARYING
    | VERBOSE
    | VIEW
    | WITHOUT
    | WORK
    | WRITE
    | ZONE
    ;
