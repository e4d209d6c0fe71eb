Register-ArgumentCompleter -Native -CommandName cmf -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $prev = $env:CMF_COMPLETE;
    $env:CMF_COMPLETE = "powershell";

    $completions = @(switch ($command) {
        'cmf' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring the schema up, take it down, show where it stands')
            [CompletionResult]::new('seed', 'seed', [CompletionResultType]::ParameterValue, 'Put bundled frameworks into the database')
            [CompletionResult]::new('framework', 'framework', [CompletionResultType]::ParameterValue, 'Look at frameworks')
            [CompletionResult]::new('user', 'user', [CompletionResultType]::ParameterValue, 'Create, list and close users, set passwords')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import a metric catalog from a spreadsheet')
            [CompletionResult]::new('map', 'map', [CompletionResultType]::ParameterValue, 'Map items to a framework: suggest, review, set, through a spreadsheet')
            [CompletionResult]::new('catalog', 'catalog', [CompletionResultType]::ParameterValue, 'List, show, activate, rename, copy and delete catalogs')
            [CompletionResult]::new('metric', 'metric', [CompletionResultType]::ParameterValue, 'List, show, change, add and remove metrics')
            [CompletionResult]::new('record', 'record', [CompletionResultType]::ParameterValue, 'Record readings of metrics')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show the readings of a metric')
            [CompletionResult]::new('score', 'score', [CompletionResultType]::ParameterValue, 'Compute, store and show scores')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'See who changed what')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Run the main job on bundled data and print each command')
            [CompletionResult]::new('db', 'db', [CompletionResultType]::ParameterValue, 'Dump and restore the database as a whole')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Manage the private Postgres')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print or write manual pages')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;migrate' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Apply pending migrations')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Take the newest migration down, or several')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Take the newest migration down and up again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which migrations are applied; changes nothing')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would run; changes nothing')
            [CompletionResult]::new('drift', 'drift', [CompletionResultType]::ParameterValue, 'Compare the schema with what its migrations make; exit 4 where they differ')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Print the schema as SQL')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take over a database whose tables were made by alembic or by hand')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check migrations without a database; exit 4 where something is wrong or dangerous')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a folder for a new migration')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show what cmf ran on this database, and who, when and for how long')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no applied migration was edited since; exit 4 where one was')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Record the applied migrations as they are now')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;migrate;up' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Stop after this migration')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another session that migrates')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long a migration in a transaction may wait for a lock; 0 for ever')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often to try a migration again that met a lock or a deadlock')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--allow-out-of-order', '--allow-out-of-order', [CompletionResultType]::ParameterName, 'Apply also what is older than the newest applied')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;down' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Take down everything newer than this migration')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'The database''s name, as the confirmation of --all')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another session that migrates')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long a migration in a transaction may wait for a lock; 0 for ever')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often to try a migration again that met a lock or a deadlock')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Take all migrations down; the schema is empty then')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;redo' {
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long to wait for another session that migrates')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long a migration in a transaction may wait for a lock; 0 for ever')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'How often to try a migration again that met a lock or a deadlock')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;status' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for a server that is still starting')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit 4 when migrations are pending or the database has gone another way')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;plan' {
            [CompletionResult]::new('--scratch-url', '--scratch-url', [CompletionResultType]::ParameterName, 'The server to make a scratch database on [default: the server itself]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Run it in a scratch database and show which locks each migration takes and which tables it writes anew')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;drift' {
            [CompletionResult]::new('--scratch-url', '--scratch-url', [CompletionResultType]::ParameterName, 'The server to make a scratch database on [default: the server itself]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;dump' {
            [CompletionResult]::new('--scratch-url', '--scratch-url', [CompletionResultType]::ParameterName, 'The server to make a scratch database on [default: the server itself]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--expected', '--expected', [CompletionResultType]::ParameterName, 'The schema that all migrations make, instead of the one that is there')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;adopt' {
            [CompletionResult]::new('--scratch-url', '--scratch-url', [CompletionResultType]::ParameterName, 'The server to make a scratch database on [default: the server itself]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the difference and record nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;test' {
            [CompletionResult]::new('--scratch-url', '--scratch-url', [CompletionResultType]::ParameterName, 'The server to make a scratch database on [default: the server itself]')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;lint' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Show the rules instead')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;new' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-transaction', '--no-transaction', [CompletionResultType]::ParameterName, 'It runs outside a transaction, as a concurrent index must')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;log' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;verify' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;repair' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Take the migrations from this folder instead of those built in')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;migrate;help' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Apply pending migrations')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Take the newest migration down, or several')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Take the newest migration down and up again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which migrations are applied; changes nothing')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would run; changes nothing')
            [CompletionResult]::new('drift', 'drift', [CompletionResultType]::ParameterValue, 'Compare the schema with what its migrations make; exit 4 where they differ')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Print the schema as SQL')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take over a database whose tables were made by alembic or by hand')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check migrations without a database; exit 4 where something is wrong or dangerous')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a folder for a new migration')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show what cmf ran on this database, and who, when and for how long')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no applied migration was edited since; exit 4 where one was')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Record the applied migrations as they are now')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;migrate;help;up' {
            break
        }
        'cmf;migrate;help;down' {
            break
        }
        'cmf;migrate;help;redo' {
            break
        }
        'cmf;migrate;help;status' {
            break
        }
        'cmf;migrate;help;plan' {
            break
        }
        'cmf;migrate;help;drift' {
            break
        }
        'cmf;migrate;help;dump' {
            break
        }
        'cmf;migrate;help;adopt' {
            break
        }
        'cmf;migrate;help;test' {
            break
        }
        'cmf;migrate;help;lint' {
            break
        }
        'cmf;migrate;help;new' {
            break
        }
        'cmf;migrate;help;log' {
            break
        }
        'cmf;migrate;help;verify' {
            break
        }
        'cmf;migrate;help;repair' {
            break
        }
        'cmf;migrate;help;help' {
            break
        }
        'cmf;seed' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the frameworks in the database')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a framework''s tree, or the part below one code')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ')
            [CompletionResult]::new('coverage', 'coverage', [CompletionResultType]::ParameterValue, 'Every subcategory with the number of metrics mapped to it, and the gaps')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;framework;list' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework;show' {
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework the code belongs to, where several have it')
            [CompletionResult]::new('--depth', '--depth', [CompletionResultType]::ParameterName, 'How many levels to show: 1 functions, 2 categories, 3 subcategories')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework;import' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The framework''s name, where the file''s own is not wanted')
            [CompletionResult]::new('--framework-version', '--framework-version', [CompletionResultType]::ParameterName, 'The framework''s version, where the file''s own is not wanted')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep codes that are in the database and not in the file')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Remove codes that are not in the file without asking; codes that mappings use are never removed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework;verify' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework;coverage' {
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Count the items of this catalog only')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--gaps', '--gaps', [CompletionResultType]::ParameterName, 'Show only subcategories that no metric is mapped to')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;framework;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the frameworks in the database')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a framework''s tree, or the part below one code')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ')
            [CompletionResult]::new('coverage', 'coverage', [CompletionResultType]::ParameterValue, 'Every subcategory with the number of metrics mapped to it, and the gaps')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;framework;help;list' {
            break
        }
        'cmf;framework;help;show' {
            break
        }
        'cmf;framework;help;import' {
            break
        }
        'cmf;framework;help;verify' {
            break
        }
        'cmf;framework;help;coverage' {
            break
        }
        'cmf;framework;help;help' {
            break
        }
        'cmf;user' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a user')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Close a user''s account; what it owns and recorded stays')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Open a closed account again')
            [CompletionResult]::new('set-password', 'set-password', [CompletionResultType]::ParameterValue, 'Set a user''s password, asked for on the terminal or read from standard input')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;user;create' {
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'The user''s email address, at most 255 characters')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;user;list' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;user;deactivate' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;user;activate' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;user;set-password' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;user;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a user')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Close a user''s account; what it owns and recorded stays')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Open a closed account again')
            [CompletionResult]::new('set-password', 'set-password', [CompletionResultType]::ParameterValue, 'Set a user''s password, asked for on the terminal or read from standard input')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;user;help;create' {
            break
        }
        'cmf;user;help;list' {
            break
        }
        'cmf;user;help;deactivate' {
            break
        }
        'cmf;user;help;activate' {
            break
        }
        'cmf;user;help;set-password' {
            break
        }
        'cmf;user;help;help' {
            break
        }
        'cmf;import' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The catalog''s name; without it the file''s name')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Who owns the catalog')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework of the codes in the sheet; without it the one that knows them')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'The sheet of a workbook')
            [CompletionResult]::new('--header-row', '--header-row', [CompletionResultType]::ParameterName, 'The row that the headers stand in')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'Read a field from this column, named by header or letters; an empty column leaves the field out')
            [CompletionResult]::new('--percent', '--percent', [CompletionResultType]::ParameterName, 'What plain numbers mean where the unit is %')
            [CompletionResult]::new('--decimal', '--decimal', [CompletionResultType]::ParameterName, 'The decimal mark of all number columns')
            [CompletionResult]::new('--max-size', '--max-size', [CompletionResultType]::ParameterName, 'The largest file that is read, in MB')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--again', '--again', [CompletionResultType]::ParameterName, 'Import although this file was imported before')
            [CompletionResult]::new('--activate', '--activate', [CompletionResultType]::ParameterName, 'Make the imported catalog the owner''s active one')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Do everything, show it, and take it back')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('suggest', 'suggest', [CompletionResultType]::ParameterValue, 'Suggest subcategories for every item without a confirmed mapping, offline')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List mappings, suggested and confirmed')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Map an item to codes, confirmed, in place of its other mappings to the framework')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm suggestions')
            [CompletionResult]::new('reject', 'reject', [CompletionResultType]::ParameterValue, 'Reject suggestions, which are not made again')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Go through the suggestions on the terminal: accept, choose, skip, undo')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write items and mappings to a spreadsheet, to be edited and imported again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring an edited export back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;map;suggest' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'How many suggestions an item gets')
            [CompletionResult]::new('--min-confidence', '--min-confidence', [CompletionResultType]::ParameterName, 'Leave out suggestions below this confidence')
            [CompletionResult]::new('--auto-confirm', '--auto-confirm', [CompletionResultType]::ParameterName, 'Confirm each item''s best suggestion where its confidence is at least this')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be suggested and store nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;list' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework; all of them when none is named')
            [CompletionResult]::new('--code', '--code', [CompletionResultType]::ParameterName, 'Only mappings to this code or below it, in any spelling')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--confirmed', '--confirmed', [CompletionResultType]::ParameterName, 'Only confirmed mappings')
            [CompletionResult]::new('--suggested', '--suggested', [CompletionResultType]::ParameterName, 'Only mappings that wait for a decision')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;set' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Keep the item''s other mappings to the framework')
            [CompletionResult]::new('--accept-successors', '--accept-successors', [CompletionResultType]::ParameterName, 'Map a withdrawn code to its successors, unconfirmed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;confirm' {
            [CompletionResult]::new('--above', '--above', [CompletionResultType]::ParameterName, 'Confirm each item''s best suggestion where its confidence is at least this')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;reject' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;review' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'How many candidates are shown for an item')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;export' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--xlsx', '--xlsx', [CompletionResultType]::ParameterName, 'Write a workbook; without it the rows are printed, with --format csv as CSV')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over a file that is there')
            [CompletionResult]::new('--pending', '--pending', [CompletionResultType]::ParameterName, 'Only items without a confirmed mapping')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;import' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'The catalog; all of them when none is named')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The catalog''s owner, where several have one of this name')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--accept-successors', '--accept-successors', [CompletionResultType]::ParameterName, 'Map withdrawn codes to their successors, unconfirmed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;map;help' {
            [CompletionResult]::new('suggest', 'suggest', [CompletionResultType]::ParameterValue, 'Suggest subcategories for every item without a confirmed mapping, offline')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List mappings, suggested and confirmed')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Map an item to codes, confirmed, in place of its other mappings to the framework')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm suggestions')
            [CompletionResult]::new('reject', 'reject', [CompletionResultType]::ParameterValue, 'Reject suggestions, which are not made again')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Go through the suggestions on the terminal: accept, choose, skip, undo')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write items and mappings to a spreadsheet, to be edited and imported again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring an edited export back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;map;help;suggest' {
            break
        }
        'cmf;map;help;list' {
            break
        }
        'cmf;map;help;set' {
            break
        }
        'cmf;map;help;confirm' {
            break
        }
        'cmf;map;help;reject' {
            break
        }
        'cmf;map;help;review' {
            break
        }
        'cmf;map;help;export' {
            break
        }
        'cmf;map;help;import' {
            break
        }
        'cmf;map;help;help' {
            break
        }
        'cmf;catalog' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the catalogs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a catalog and its items')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Make a catalog inactive; its metrics, readings and scores stay')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a catalog another name')
            [CompletionResult]::new('clone', 'clone', [CompletionResultType]::ParameterValue, 'Copy a catalog''s items and mappings into a new catalog')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a catalog with its items, metrics, readings and scores')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;catalog;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only the catalogs of this user')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;show' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;activate' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;deactivate' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;rename' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;clone' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The user the copy belongs to; without it, the same')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;delete' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The user it belongs to, where several have one of this name')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete it although it is its owner''s active catalog')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would go and delete nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;catalog;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the catalogs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a catalog and its items')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Make a catalog inactive; its metrics, readings and scores stay')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a catalog another name')
            [CompletionResult]::new('clone', 'clone', [CompletionResultType]::ParameterValue, 'Copy a catalog''s items and mappings into a new catalog')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a catalog with its items, metrics, readings and scores')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;catalog;help;list' {
            break
        }
        'cmf;catalog;help;show' {
            break
        }
        'cmf;catalog;help;activate' {
            break
        }
        'cmf;catalog;help;deactivate' {
            break
        }
        'cmf;catalog;help;rename' {
            break
        }
        'cmf;catalog;help;clone' {
            break
        }
        'cmf;catalog;help;delete' {
            break
        }
        'cmf;catalog;help;help' {
            break
        }
        'cmf;metric' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List metrics with their scores')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a metric with its score, readings, mappings and the row it came from')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a metric')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock metrics against changes and readings')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock metrics')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a metric to the default library')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove metrics with their readings')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write an empty sheet to fill in and import')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;metric;list' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--function', '--function', [CompletionResultType]::ParameterName, 'Only metrics of this function, such as PR')
            [CompletionResult]::new('--category', '--category', [CompletionResultType]::ParameterName, 'Only metrics of this category, such as PR.AA')
            [CompletionResult]::new('--priority', '--priority', [CompletionResultType]::ParameterName, 'Only metrics of this priority')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'Only metrics of this direction')
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'Only metrics whose newest reading is older than this, such as 35d, or that have none')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--below-target', '--below-target', [CompletionResultType]::ParameterName, 'Only metrics that miss their target')
            [CompletionResult]::new('--unmapped', '--unmapped', [CompletionResultType]::ParameterName, 'Only metrics that nothing ties to a framework: no confirmed mapping, or an unknown function')
            [CompletionResult]::new('--unscored', '--unscored', [CompletionResultType]::ParameterName, 'Only metrics without a score, for want of a reading, a target or bounds')
            [CompletionResult]::new('--locked', '--locked', [CompletionResultType]::ParameterName, 'Only locked metrics')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;show' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'How many of the newest readings to show')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;set' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Another name')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'The display number, such as PR-001')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'What it measures')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'The target')
            [CompletionResult]::new('--lower', '--lower', [CompletionResultType]::ParameterName, 'The lower bound of a target range')
            [CompletionResult]::new('--upper', '--upper', [CompletionResultType]::ParameterName, 'The upper bound of a target range')
            [CompletionResult]::new('--unit', '--unit', [CompletionResultType]::ParameterName, 'What it is counted in, such as % or days')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'Which values are good')
            [CompletionResult]::new('--priority', '--priority', [CompletionResultType]::ParameterName, 'How much it weighs')
            [CompletionResult]::new('--function', '--function', [CompletionResultType]::ParameterName, 'The function''s code, such as PR')
            [CompletionResult]::new('--category', '--category', [CompletionResultType]::ParameterName, 'The category''s code, such as PR.AA')
            [CompletionResult]::new('--clear', '--clear', [CompletionResultType]::ParameterName, 'Empty these fields')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--override-lock', '--override-lock', [CompletionResultType]::ParameterName, 'Change it although it is locked')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change and change nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;lock' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;unlock' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;add' {
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'The display number, such as PR-001')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'What it measures')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'The target')
            [CompletionResult]::new('--lower', '--lower', [CompletionResultType]::ParameterName, 'The lower bound of a target range')
            [CompletionResult]::new('--upper', '--upper', [CompletionResultType]::ParameterName, 'The upper bound of a target range')
            [CompletionResult]::new('--unit', '--unit', [CompletionResultType]::ParameterName, 'What it is counted in, such as % or days')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'Which values are good')
            [CompletionResult]::new('--priority', '--priority', [CompletionResultType]::ParameterName, 'How much it weighs')
            [CompletionResult]::new('--function', '--function', [CompletionResultType]::ParameterName, 'The function''s code, such as PR')
            [CompletionResult]::new('--category', '--category', [CompletionResultType]::ParameterName, 'The category''s code, such as PR.AA')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;rm' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Look in the default library only')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look in all catalogs, active or not, and the default library')
            [CompletionResult]::new('--override-lock', '--override-lock', [CompletionResultType]::ParameterName, 'Remove locked metrics too')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would go and remove nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;template' {
            [CompletionResult]::new('--xlsx', '--xlsx', [CompletionResultType]::ParameterName, 'The workbook to write; without a name, cmf-metrics.xlsx')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework whose codes the drop-downs offer')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-examples', '--no-examples', [CompletionResultType]::ParameterName, 'Leave the examples out')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file where it exists')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;metric;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List metrics with their scores')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a metric with its score, readings, mappings and the row it came from')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a metric')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock metrics against changes and readings')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock metrics')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a metric to the default library')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove metrics with their readings')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write an empty sheet to fill in and import')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;metric;help;list' {
            break
        }
        'cmf;metric;help;show' {
            break
        }
        'cmf;metric;help;set' {
            break
        }
        'cmf;metric;help;lock' {
            break
        }
        'cmf;metric;help;unlock' {
            break
        }
        'cmf;metric;help;add' {
            break
        }
        'cmf;metric;help;rm' {
            break
        }
        'cmf;metric;help;template' {
            break
        }
        'cmf;metric;help;help' {
            break
        }
        'cmf;record' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Record the readings of a file (`-` is standard input): CSV, TSV or JSON lines with metric, value, at, note, by')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'When it was measured, in ISO 8601; without it the server''s clock tells the time')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'A remark to keep with the reading')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'The user who measured it')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look for the metrics in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--tz', '--tz', [CompletionResultType]::ParameterName, 'The zone of times without an offset, such as Europe/Berlin or +02:00')
            [CompletionResult]::new('--on-conflict', '--on-conflict', [CompletionResultType]::ParameterName, 'What to do where a metric has another value at the same instant')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the refused lines to this file, in the input''s form with a column for the reason')
            [CompletionResult]::new('--max-percent', '--max-percent', [CompletionResultType]::ParameterName, 'A percentage above this is doubtful')
            [CompletionResult]::new('--max-factor', '--max-factor', [CompletionResultType]::ParameterName, 'A value of more than so many times its target is doubtful, unless less is better')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Keep the readings in this folder when the database is out of reach, and store what is kept there first')
            [CompletionResult]::new('--spool-limit', '--spool-limit', [CompletionResultType]::ParameterName, 'How many megabytes the spool may take')
            [CompletionResult]::new('--statement-timeout', '--statement-timeout', [CompletionResultType]::ParameterName, 'How long the server may work on one statement; 0s is no limit')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'The file has a column an instant, or, with a column of instants, a column a metric')
            [CompletionResult]::new('--override-lock', '--override-lock', [CompletionResultType]::ParameterName, 'Record readings of locked metrics too')
            [CompletionResult]::new('--allow-future', '--allow-future', [CompletionResultType]::ParameterName, 'Take readings that are more than 5 minutes in the future')
            [CompletionResult]::new('--allow-partial', '--allow-partial', [CompletionResultType]::ParameterName, 'Store what can be stored although other readings are refused, and exit with 3 then')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse doubtful values instead of warning of them')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Store what is kept in the spool and nothing else')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and store nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take one reading back')
            break
        }
        'cmf;record;undo' {
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'The user who takes it back')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--override-lock', '--override-lock', [CompletionResultType]::ParameterName, 'Take it back although its metric is locked')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;history' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Look for the metric in this catalog; without it in the active catalogs and the default library')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Only readings from this time on')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Only readings before this time')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'Only the newest N readings')
            [CompletionResult]::new('--tz', '--tz', [CompletionResultType]::ParameterName, 'The zone of times without an offset, such as Europe/Berlin or +02:00')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;score' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Score this catalog, by name or id')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Score the active catalog of this user')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework, such as csf-2.0; without it the one the catalog is mapped to')
            [CompletionResult]::new('--rollup', '--rollup', [CompletionResultType]::ParameterName, 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics')
            [CompletionResult]::new('--weight', '--weight', [CompletionResultType]::ParameterName, 'What a priority weighs, such as High=2; may be given for each')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Where a rating begins, such as very-low=95; may be given for each')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Score the default library: the metrics of no catalog')
            [CompletionResult]::new('--categories', '--categories', [CompletionResultType]::ParameterName, 'Show the categories too')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Compute and show, and store nothing')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the newest stored scores')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show where every point of a score comes from')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Show what the scores would be with other values')
            [CompletionResult]::new('next', 'next', [CompletionResultType]::ParameterValue, 'Show which metrics, brought to target, raise the score most')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;score;show' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Score this catalog, by name or id')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Score the active catalog of this user')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework, such as csf-2.0; without it the one the catalog is mapped to')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Score the default library: the metrics of no catalog')
            [CompletionResult]::new('--categories', '--categories', [CompletionResultType]::ParameterName, 'Show the categories too')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;score;explain' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Score this catalog, by name or id')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Score the active catalog of this user')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework, such as csf-2.0; without it the one the catalog is mapped to')
            [CompletionResult]::new('--stale', '--stale', [CompletionResultType]::ParameterName, 'How old the newest reading may be, in days, such as 35d; without it twice the time between readings that the sheet names')
            [CompletionResult]::new('--depth', '--depth', [CompletionResultType]::ParameterName, 'How deep to go: function, category or metric')
            [CompletionResult]::new('--rollup', '--rollup', [CompletionResultType]::ParameterName, 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics')
            [CompletionResult]::new('--weight', '--weight', [CompletionResultType]::ParameterName, 'What a priority weighs, such as High=2; may be given for each')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Where a rating begins, such as very-low=95; may be given for each')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Score the default library: the metrics of no catalog')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;score;what-if' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Score this catalog, by name or id')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Score the active catalog of this user')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework, such as csf-2.0; without it the one the catalog is mapped to')
            [CompletionResult]::new('--rollup', '--rollup', [CompletionResultType]::ParameterName, 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics')
            [CompletionResult]::new('--weight', '--weight', [CompletionResultType]::ParameterName, 'What a priority weighs, such as High=2; may be given for each')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Where a rating begins, such as very-low=95; may be given for each')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Score the default library: the metrics of no catalog')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;score;next' {
            [CompletionResult]::new('--function', '--function', [CompletionResultType]::ParameterName, 'Only what raises this function or category')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'How many metrics to show')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Score this catalog, by name or id')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Score the active catalog of this user')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'The framework, such as csf-2.0; without it the one the catalog is mapped to')
            [CompletionResult]::new('--rollup', '--rollup', [CompletionResultType]::ParameterName, 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics')
            [CompletionResult]::new('--weight', '--weight', [CompletionResultType]::ParameterName, 'What a priority weighs, such as High=2; may be given for each')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Where a rating begins, such as very-low=95; may be given for each')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Score the default library: the metrics of no catalog')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;score;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the newest stored scores')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show where every point of a score comes from')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Show what the scores would be with other values')
            [CompletionResult]::new('next', 'next', [CompletionResultType]::ParameterValue, 'Show which metrics, brought to target, raise the score most')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;score;help;show' {
            break
        }
        'cmf;score;help;explain' {
            break
        }
        'cmf;score;help;what-if' {
            break
        }
        'cmf;score;help;next' {
            break
        }
        'cmf;score;help;help' {
            break
        }
        'cmf;audit' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the changes, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one change with all that was kept of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;audit;list' {
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Only this action, such as catalog.activate, or all of a noun, such as catalog')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Only what was done for this user')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before this instant: 2026-03-01, 2026-03-01T08:00:00Z, or an age such as 12h, 35d, 6w')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Before this instant')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;audit;show' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;audit;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the changes, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one change with all that was kept of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;audit;help;list' {
            break
        }
        'cmf;audit;help;show' {
            break
        }
        'cmf;audit;help;help' {
            break
        }
        'cmf;demo' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Where the bundled sheet and readings are written, unless the current folder has them as fixtures')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Whose catalog it becomes; without it, the user named after your login')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;db' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the whole database into a file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Bring back what `cmf db dump` wrote')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;db;dump' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file when there is one')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;db;restore' {
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'The database''s name, as the confirmation of --replace')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Replace what is in the database')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;db;help' {
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the whole database into a file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Bring back what `cmf db dump` wrote')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;db;help;dump' {
            break
        }
        'cmf;db;help;restore' {
            break
        }
        'cmf;db;help;help' {
            break
        }
        'cmf;local' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start it; every command that needs it does so by itself')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop it; open transactions are rolled back')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether it runs, where it is and how large')
            [CompletionResult]::new('url', 'url', [CompletionResultType]::ParameterValue, 'Print its URL, for psql and other programs; starts it if need be')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Move its data to the newest version of Postgres found; the old data is kept')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Stop it and delete it with everything in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;local;start' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;stop' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;status' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;url' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;upgrade' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;destroy' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;local;help' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start it; every command that needs it does so by itself')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop it; open transactions are rolled back')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether it runs, where it is and how large')
            [CompletionResult]::new('url', 'url', [CompletionResultType]::ParameterValue, 'Print its URL, for psql and other programs; starts it if need be')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Move its data to the newest version of Postgres found; the old data is kept')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Stop it and delete it with everything in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;local;help;start' {
            break
        }
        'cmf;local;help;stop' {
            break
        }
        'cmf;local;help;status' {
            break
        }
        'cmf;local;help;url' {
            break
        }
        'cmf;local;help;upgrade' {
            break
        }
        'cmf;local;help;destroy' {
            break
        }
        'cmf;local;help;help' {
            break
        }
        'cmf;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write a page for every command into this folder, instead of the page of cmf to stdout')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;completions' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort rows by these columns; a - before a name sorts from high to low')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print long results on a terminal instead of in the pager')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but results and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'cmf;help' {
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring the schema up, take it down, show where it stands')
            [CompletionResult]::new('seed', 'seed', [CompletionResultType]::ParameterValue, 'Put bundled frameworks into the database')
            [CompletionResult]::new('framework', 'framework', [CompletionResultType]::ParameterValue, 'Look at frameworks')
            [CompletionResult]::new('user', 'user', [CompletionResultType]::ParameterValue, 'Create, list and close users, set passwords')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import a metric catalog from a spreadsheet')
            [CompletionResult]::new('map', 'map', [CompletionResultType]::ParameterValue, 'Map items to a framework: suggest, review, set, through a spreadsheet')
            [CompletionResult]::new('catalog', 'catalog', [CompletionResultType]::ParameterValue, 'List, show, activate, rename, copy and delete catalogs')
            [CompletionResult]::new('metric', 'metric', [CompletionResultType]::ParameterValue, 'List, show, change, add and remove metrics')
            [CompletionResult]::new('record', 'record', [CompletionResultType]::ParameterValue, 'Record readings of metrics')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show the readings of a metric')
            [CompletionResult]::new('score', 'score', [CompletionResultType]::ParameterValue, 'Compute, store and show scores')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'See who changed what')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Run the main job on bundled data and print each command')
            [CompletionResult]::new('db', 'db', [CompletionResultType]::ParameterValue, 'Dump and restore the database as a whole')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Manage the private Postgres')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print or write manual pages')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'cmf;help;migrate' {
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Apply pending migrations')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Take the newest migration down, or several')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Take the newest migration down and up again')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which migrations are applied; changes nothing')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would run; changes nothing')
            [CompletionResult]::new('drift', 'drift', [CompletionResultType]::ParameterValue, 'Compare the schema with what its migrations make; exit 4 where they differ')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Print the schema as SQL')
            [CompletionResult]::new('adopt', 'adopt', [CompletionResultType]::ParameterValue, 'Take over a database whose tables were made by alembic or by hand')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check migrations without a database; exit 4 where something is wrong or dangerous')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a folder for a new migration')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show what cmf ran on this database, and who, when and for how long')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no applied migration was edited since; exit 4 where one was')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Record the applied migrations as they are now')
            break
        }
        'cmf;help;migrate;up' {
            break
        }
        'cmf;help;migrate;down' {
            break
        }
        'cmf;help;migrate;redo' {
            break
        }
        'cmf;help;migrate;status' {
            break
        }
        'cmf;help;migrate;plan' {
            break
        }
        'cmf;help;migrate;drift' {
            break
        }
        'cmf;help;migrate;dump' {
            break
        }
        'cmf;help;migrate;adopt' {
            break
        }
        'cmf;help;migrate;test' {
            break
        }
        'cmf;help;migrate;lint' {
            break
        }
        'cmf;help;migrate;new' {
            break
        }
        'cmf;help;migrate;log' {
            break
        }
        'cmf;help;migrate;verify' {
            break
        }
        'cmf;help;migrate;repair' {
            break
        }
        'cmf;help;seed' {
            break
        }
        'cmf;help;framework' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the frameworks in the database')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a framework''s tree, or the part below one code')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ')
            [CompletionResult]::new('coverage', 'coverage', [CompletionResultType]::ParameterValue, 'Every subcategory with the number of metrics mapped to it, and the gaps')
            break
        }
        'cmf;help;framework;list' {
            break
        }
        'cmf;help;framework;show' {
            break
        }
        'cmf;help;framework;import' {
            break
        }
        'cmf;help;framework;verify' {
            break
        }
        'cmf;help;framework;coverage' {
            break
        }
        'cmf;help;user' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a user')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the users')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Close a user''s account; what it owns and recorded stays')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Open a closed account again')
            [CompletionResult]::new('set-password', 'set-password', [CompletionResultType]::ParameterValue, 'Set a user''s password, asked for on the terminal or read from standard input')
            break
        }
        'cmf;help;user;create' {
            break
        }
        'cmf;help;user;list' {
            break
        }
        'cmf;help;user;deactivate' {
            break
        }
        'cmf;help;user;activate' {
            break
        }
        'cmf;help;user;set-password' {
            break
        }
        'cmf;help;import' {
            break
        }
        'cmf;help;map' {
            [CompletionResult]::new('suggest', 'suggest', [CompletionResultType]::ParameterValue, 'Suggest subcategories for every item without a confirmed mapping, offline')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List mappings, suggested and confirmed')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Map an item to codes, confirmed, in place of its other mappings to the framework')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm suggestions')
            [CompletionResult]::new('reject', 'reject', [CompletionResultType]::ParameterValue, 'Reject suggestions, which are not made again')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Go through the suggestions on the terminal: accept, choose, skip, undo')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write items and mappings to a spreadsheet, to be edited and imported again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring an edited export back')
            break
        }
        'cmf;help;map;suggest' {
            break
        }
        'cmf;help;map;list' {
            break
        }
        'cmf;help;map;set' {
            break
        }
        'cmf;help;map;confirm' {
            break
        }
        'cmf;help;map;reject' {
            break
        }
        'cmf;help;map;review' {
            break
        }
        'cmf;help;map;export' {
            break
        }
        'cmf;help;map;import' {
            break
        }
        'cmf;help;catalog' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the catalogs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a catalog and its items')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog')
            [CompletionResult]::new('deactivate', 'deactivate', [CompletionResultType]::ParameterValue, 'Make a catalog inactive; its metrics, readings and scores stay')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a catalog another name')
            [CompletionResult]::new('clone', 'clone', [CompletionResultType]::ParameterValue, 'Copy a catalog''s items and mappings into a new catalog')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a catalog with its items, metrics, readings and scores')
            break
        }
        'cmf;help;catalog;list' {
            break
        }
        'cmf;help;catalog;show' {
            break
        }
        'cmf;help;catalog;activate' {
            break
        }
        'cmf;help;catalog;deactivate' {
            break
        }
        'cmf;help;catalog;rename' {
            break
        }
        'cmf;help;catalog;clone' {
            break
        }
        'cmf;help;catalog;delete' {
            break
        }
        'cmf;help;metric' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List metrics with their scores')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a metric with its score, readings, mappings and the row it came from')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a metric')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock metrics against changes and readings')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock metrics')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a metric to the default library')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove metrics with their readings')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write an empty sheet to fill in and import')
            break
        }
        'cmf;help;metric;list' {
            break
        }
        'cmf;help;metric;show' {
            break
        }
        'cmf;help;metric;set' {
            break
        }
        'cmf;help;metric;lock' {
            break
        }
        'cmf;help;metric;unlock' {
            break
        }
        'cmf;help;metric;add' {
            break
        }
        'cmf;help;metric;rm' {
            break
        }
        'cmf;help;metric;template' {
            break
        }
        'cmf;help;record' {
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take one reading back')
            break
        }
        'cmf;help;record;undo' {
            break
        }
        'cmf;help;history' {
            break
        }
        'cmf;help;score' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the newest stored scores')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show where every point of a score comes from')
            [CompletionResult]::new('what-if', 'what-if', [CompletionResultType]::ParameterValue, 'Show what the scores would be with other values')
            [CompletionResult]::new('next', 'next', [CompletionResultType]::ParameterValue, 'Show which metrics, brought to target, raise the score most')
            break
        }
        'cmf;help;score;show' {
            break
        }
        'cmf;help;score;explain' {
            break
        }
        'cmf;help;score;what-if' {
            break
        }
        'cmf;help;score;next' {
            break
        }
        'cmf;help;audit' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the changes, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one change with all that was kept of it')
            break
        }
        'cmf;help;audit;list' {
            break
        }
        'cmf;help;audit;show' {
            break
        }
        'cmf;help;demo' {
            break
        }
        'cmf;help;db' {
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the whole database into a file')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Bring back what `cmf db dump` wrote')
            break
        }
        'cmf;help;db;dump' {
            break
        }
        'cmf;help;db;restore' {
            break
        }
        'cmf;help;local' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start it; every command that needs it does so by itself')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop it; open transactions are rolled back')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether it runs, where it is and how large')
            [CompletionResult]::new('url', 'url', [CompletionResultType]::ParameterValue, 'Print its URL, for psql and other programs; starts it if need be')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Move its data to the newest version of Postgres found; the old data is kept')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Stop it and delete it with everything in it')
            break
        }
        'cmf;help;local;start' {
            break
        }
        'cmf;help;local;stop' {
            break
        }
        'cmf;help;local;status' {
            break
        }
        'cmf;help;local;url' {
            break
        }
        'cmf;help;local;upgrade' {
            break
        }
        'cmf;help;local;destroy' {
            break
        }
        'cmf;help;man' {
            break
        }
        'cmf;help;completions' {
            break
        }
        'cmf;help;help' {
            break
        }
    })
    $args = $commandAst.Extent.Text
    $args = $args.Substring(0, [math]::Min($cursorPosition, $args.Length));
    if ($wordToComplete -eq "") {
        $args += " ''";
    }

    $results = Invoke-Expression @"
& cmf -- $args
"@;
    if ($null -eq $prev) {
        Remove-Item Env:\CMF_COMPLETE;
    } else {
        $env:CMF_COMPLETE = $prev;
    }
    $results | ForEach-Object {
        $split = $_.Split("`t");
        $cmd = $split[0];

        if ($split.Length -eq 2) {
            $help = $split[1];
        }
        else {
            $help = $split[0];
        }

        [System.Management.Automation.CompletionResult]::new($cmd, $cmd, 'ParameterValue', $help)
    }
};
        
