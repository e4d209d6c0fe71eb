# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_cmf_global_optspecs
    string join \n database-url= format= columns= sort= no-pager q/quiet v/verbose h/help V/version
end

function __fish_cmf_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_cmf_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_cmf_using_subcommand
    set -l cmd (__fish_cmf_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c cmf -n "__fish_cmf_needs_command" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_needs_command" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_needs_command" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_needs_command" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_needs_command" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_needs_command" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_needs_command" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_needs_command" -s V -l version -d 'Print version'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "migrate" -d 'Bring the schema up, take it down, show where it stands'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "seed" -d 'Put bundled frameworks into the database'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "framework" -d 'Look at frameworks'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "user" -d 'Create, list and close users, set passwords'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "import" -d 'Import a metric catalog from a spreadsheet'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "map" -d 'Map items to a framework: suggest, review, set, through a spreadsheet'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "catalog" -d 'List, show, activate, rename, copy and delete catalogs'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "metric" -d 'List, show, change, add and remove metrics'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "record" -d 'Record readings of metrics'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "history" -d 'Show the readings of a metric'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "score" -d 'Compute, store and show scores'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "audit" -d 'See who changed what'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "demo" -d 'Run the main job on bundled data and print each command'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "db" -d 'Dump and restore the database as a whole'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "local" -d 'Manage the private Postgres'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "man" -d 'Print or write manual pages'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c cmf -n "__fish_cmf_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "up" -d 'Apply pending migrations'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "down" -d 'Take the newest migration down, or several'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "redo" -d 'Take the newest migration down and up again'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "status" -d 'Show which migrations are applied; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "plan" -d 'Show what would run; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "drift" -d 'Compare the schema with what its migrations make; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "dump" -d 'Print the schema as SQL'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "adopt" -d 'Take over a database whose tables were made by alembic or by hand'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "test" -d 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "lint" -d 'Check migrations without a database; exit 4 where something is wrong or dangerous'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "new" -d 'Make a folder for a new migration'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "log" -d 'Show what cmf ran on this database, and who, when and for how long'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "verify" -d 'Check that no applied migration was edited since; exit 4 where one was'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "repair" -d 'Record the applied migrations as they are now'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and not __fish_seen_subcommand_from up down redo status plan drift dump adopt test lint new log verify repair help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l to -d 'Stop after this migration' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l lock-wait -d 'How long to wait for another session that migrates' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l lock-timeout -d 'How long a migration in a transaction may wait for a lock; 0 for ever' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l statement-timeout -d 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server\'s]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l retries -d 'How often to try a migration again that met a lock or a deadlock' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l allow-out-of-order -d 'Apply also what is older than the newest applied'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l to -d 'Take down everything newer than this migration' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l confirm -d 'The database\'s name, as the confirmation of --all' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l lock-wait -d 'How long to wait for another session that migrates' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l lock-timeout -d 'How long a migration in a transaction may wait for a lock; 0 for ever' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l statement-timeout -d 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server\'s]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l retries -d 'How often to try a migration again that met a lock or a deadlock' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l all -d 'Take all migrations down; the schema is empty then'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l lock-wait -d 'How long to wait for another session that migrates' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l lock-timeout -d 'How long a migration in a transaction may wait for a lock; 0 for ever' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l statement-timeout -d 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server\'s]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l retries -d 'How often to try a migration again that met a lock or a deadlock' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l wait -d 'Wait this long for a server that is still starting' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l exit-code -d 'Exit 4 when migrations are pending or the database has gone another way'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l scratch-url -d 'The server to make a scratch database on [default: the server itself]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l trace -d 'Run it in a scratch database and show which locks each migration takes and which tables it writes anew'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l scratch-url -d 'The server to make a scratch database on [default: the server itself]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from drift" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l scratch-url -d 'The server to make a scratch database on [default: the server itself]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l expected -d 'The schema that all migrations make, instead of the one that is there'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l scratch-url -d 'The server to make a scratch database on [default: the server itself]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l dry-run -d 'Show the difference and record nothing'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l scratch-url -d 'The server to make a scratch database on [default: the server itself]' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l rules -d 'Show the rules instead'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l no-transaction -d 'It runs outside a transaction, as a concurrent index must'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l dir -d 'Take the migrations from this folder instead of those built in' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "up" -d 'Apply pending migrations'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "down" -d 'Take the newest migration down, or several'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "redo" -d 'Take the newest migration down and up again'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show which migrations are applied; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "plan" -d 'Show what would run; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "drift" -d 'Compare the schema with what its migrations make; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "dump" -d 'Print the schema as SQL'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "adopt" -d 'Take over a database whose tables were made by alembic or by hand'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "test" -d 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "lint" -d 'Check migrations without a database; exit 4 where something is wrong or dangerous'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "new" -d 'Make a folder for a new migration'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "log" -d 'Show what cmf ran on this database, and who, when and for how long'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no applied migration was edited since; exit 4 where one was'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "repair" -d 'Record the applied migrations as they are now'
complete -c cmf -n "__fish_cmf_using_subcommand migrate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand seed" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand seed" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand seed" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand seed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "list" -d 'List the frameworks in the database'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "show" -d 'Show a framework\'s tree, or the part below one code'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "import" -d 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "verify" -d 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "coverage" -d 'Every subcategory with the number of metrics mapped to it, and the gaps'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and not __fish_seen_subcommand_from list show import verify coverage help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l framework -d 'The framework the code belongs to, where several have it' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l depth -d 'How many levels to show: 1 functions, 2 categories, 3 subcategories' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l name -d 'The framework\'s name, where the file\'s own is not wanted' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l framework-version -d 'The framework\'s version, where the file\'s own is not wanted' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l keep -d 'Keep codes that are in the database and not in the file'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l yes -d 'Remove codes that are not in the file without asking; codes that mappings use are never removed'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l catalog -d 'Count the items of this catalog only' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l gaps -d 'Show only subcategories that no metric is mapped to'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from coverage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the frameworks in the database'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a framework\'s tree, or the part below one code'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "import" -d 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "coverage" -d 'Every subcategory with the number of metrics mapped to it, and the gaps'
complete -c cmf -n "__fish_cmf_using_subcommand framework; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "create" -d 'Create a user'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "list" -d 'List the users'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "deactivate" -d 'Close a user\'s account; what it owns and recorded stays'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "activate" -d 'Open a closed account again'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "set-password" -d 'Set a user\'s password, asked for on the terminal or read from standard input'
complete -c cmf -n "__fish_cmf_using_subcommand user; and not __fish_seen_subcommand_from create list deactivate activate set-password help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l email -d 'The user\'s email address, at most 255 characters' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from activate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from set-password" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a user'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the users'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "deactivate" -d 'Close a user\'s account; what it owns and recorded stays'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "activate" -d 'Open a closed account again'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "set-password" -d 'Set a user\'s password, asked for on the terminal or read from standard input'
complete -c cmf -n "__fish_cmf_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand import" -l name -d 'The catalog\'s name; without it the file\'s name' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l owner -d 'Who owns the catalog' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l framework -d 'The framework of the codes in the sheet; without it the one that knows them' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l sheet -d 'The sheet of a workbook' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l header-row -d 'The row that the headers stand in' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l map -d 'Read a field from this column, named by header or letters; an empty column leaves the field out' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l percent -d 'What plain numbers mean where the unit is %' -r -f -a "auto\t'Times 100 when every one of them is at most 1'
scale\t'Times 100'
as-is\t'As written'"
complete -c cmf -n "__fish_cmf_using_subcommand import" -l decimal -d 'The decimal mark of all number columns' -r -f -a "point\t'1,234.5'
comma\t'1.234,5'"
complete -c cmf -n "__fish_cmf_using_subcommand import" -l max-size -d 'The largest file that is read, in MB' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand import" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand import" -l again -d 'Import although this file was imported before'
complete -c cmf -n "__fish_cmf_using_subcommand import" -l activate -d 'Make the imported catalog the owner\'s active one'
complete -c cmf -n "__fish_cmf_using_subcommand import" -l dry-run -d 'Do everything, show it, and take it back'
complete -c cmf -n "__fish_cmf_using_subcommand import" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand import" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand import" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "suggest" -d 'Suggest subcategories for every item without a confirmed mapping, offline'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "list" -d 'List mappings, suggested and confirmed'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "set" -d 'Map an item to codes, confirmed, in place of its other mappings to the framework'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "confirm" -d 'Confirm suggestions'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "reject" -d 'Reject suggestions, which are not made again'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "review" -d 'Go through the suggestions on the terminal: accept, choose, skip, undo'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "export" -d 'Write items and mappings to a spreadsheet, to be edited and imported again'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "import" -d 'Bring an edited export back'
complete -c cmf -n "__fish_cmf_using_subcommand map; and not __fish_seen_subcommand_from suggest list set confirm reject review export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l top -d 'How many suggestions an item gets' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l min-confidence -d 'Leave out suggestions below this confidence' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l auto-confirm -d 'Confirm each item\'s best suggestion where its confidence is at least this' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l dry-run -d 'Show what would be suggested and store nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from suggest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l framework -d 'The framework; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l code -d 'Only mappings to this code or below it, in any spelling' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l confirmed -d 'Only confirmed mappings'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l suggested -d 'Only mappings that wait for a decision'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l add -d 'Keep the item\'s other mappings to the framework'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l accept-successors -d 'Map a withdrawn code to its successors, unconfirmed'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l above -d 'Confirm each item\'s best suggestion where its confidence is at least this' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from confirm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from reject" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l top -d 'How many candidates are shown for an item' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l xlsx -d 'Write a workbook; without it the rows are printed, with --format csv as CSV' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l force -d 'Write over a file that is there'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l pending -d 'Only items without a confirmed mapping'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l catalog -d 'The catalog; all of them when none is named' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l owner -d 'The catalog\'s owner, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l framework -d 'The framework' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l accept-successors -d 'Map withdrawn codes to their successors, unconfirmed'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "suggest" -d 'Suggest subcategories for every item without a confirmed mapping, offline'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "list" -d 'List mappings, suggested and confirmed'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "set" -d 'Map an item to codes, confirmed, in place of its other mappings to the framework'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "confirm" -d 'Confirm suggestions'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "reject" -d 'Reject suggestions, which are not made again'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "review" -d 'Go through the suggestions on the terminal: accept, choose, skip, undo'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write items and mappings to a spreadsheet, to be edited and imported again'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "import" -d 'Bring an edited export back'
complete -c cmf -n "__fish_cmf_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "list" -d 'List the catalogs'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "show" -d 'Show a catalog and its items'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "activate" -d 'Turn a catalog\'s mapped items into metrics and make it the owner\'s active catalog'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "deactivate" -d 'Make a catalog inactive; its metrics, readings and scores stay'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "rename" -d 'Give a catalog another name'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "clone" -d 'Copy a catalog\'s items and mappings into a new catalog'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "delete" -d 'Delete a catalog with its items, metrics, readings and scores'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and not __fish_seen_subcommand_from list show activate deactivate rename clone delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l owner -d 'Only the catalogs of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from activate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from deactivate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l to -d 'The user the copy belongs to; without it, the same' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from clone" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l owner -d 'The user it belongs to, where several have one of this name' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l force -d 'Delete it although it is its owner\'s active catalog'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l dry-run -d 'Show what would go and delete nothing'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the catalogs'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a catalog and its items'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "activate" -d 'Turn a catalog\'s mapped items into metrics and make it the owner\'s active catalog'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "deactivate" -d 'Make a catalog inactive; its metrics, readings and scores stay'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Give a catalog another name'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "clone" -d 'Copy a catalog\'s items and mappings into a new catalog'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a catalog with its items, metrics, readings and scores'
complete -c cmf -n "__fish_cmf_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "list" -d 'List metrics with their scores'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "show" -d 'Show a metric with its score, readings, mappings and the row it came from'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "set" -d 'Change a metric'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "lock" -d 'Lock metrics against changes and readings'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "unlock" -d 'Unlock metrics'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "add" -d 'Add a metric to the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "rm" -d 'Remove metrics with their readings'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "template" -d 'Write an empty sheet to fill in and import'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and not __fish_seen_subcommand_from list show set lock unlock add rm template help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l function -d 'Only metrics of this function, such as PR' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l category -d 'Only metrics of this category, such as PR.AA' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l priority -d 'Only metrics of this priority' -r -f -a "High\t''
Medium\t''
Low\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l direction -d 'Only metrics of this direction' -r -f -a "higher_is_better\t''
lower_is_better\t''
target_range\t''
binary\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l stale -d 'Only metrics whose newest reading is older than this, such as 35d, or that have none' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l below-target -d 'Only metrics that miss their target'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l unmapped -d 'Only metrics that nothing ties to a framework: no confirmed mapping, or an unknown function'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l unscored -d 'Only metrics without a score, for want of a reading, a target or bounds'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l locked -d 'Only locked metrics'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l last -d 'How many of the newest readings to show' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l name -d 'Another name' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l number -d 'The display number, such as PR-001' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l description -d 'What it measures' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l target -d 'The target' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l lower -d 'The lower bound of a target range' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l upper -d 'The upper bound of a target range' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l unit -d 'What it is counted in, such as % or days' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l direction -d 'Which values are good' -r -f -a "higher_is_better\t''
lower_is_better\t''
target_range\t''
binary\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l priority -d 'How much it weighs' -r -f -a "High\t''
Medium\t''
Low\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l function -d 'The function\'s code, such as PR' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l category -d 'The category\'s code, such as PR.AA' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l clear -d 'Empty these fields' -r -f -a "metric_number\t''
description\t''
target_value\t''
target_lower\t''
target_upper\t''
unit\t''
category\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l override-lock -d 'Change it although it is locked'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would change and change nothing'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from lock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l number -d 'The display number, such as PR-001' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l description -d 'What it measures' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l target -d 'The target' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l lower -d 'The lower bound of a target range' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l upper -d 'The upper bound of a target range' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l unit -d 'What it is counted in, such as % or days' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l direction -d 'Which values are good' -r -f -a "higher_is_better\t''
lower_is_better\t''
target_range\t''
binary\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l priority -d 'How much it weighs' -r -f -a "High\t''
Medium\t''
Low\t''"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l function -d 'The function\'s code, such as PR' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l category -d 'The category\'s code, such as PR.AA' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l catalog -d 'Look in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l default -d 'Look in the default library only'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l all -d 'Look in all catalogs, active or not, and the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l override-lock -d 'Remove locked metrics too'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l dry-run -d 'Show what would go and remove nothing'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l xlsx -d 'The workbook to write; without a name, cmf-metrics.xlsx' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l framework -d 'The framework whose codes the drop-downs offer' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l no-examples -d 'Leave the examples out'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l force -d 'Replace the file where it exists'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from template" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "list" -d 'List metrics with their scores'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a metric with its score, readings, mappings and the row it came from'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change a metric'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "lock" -d 'Lock metrics against changes and readings'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Unlock metrics'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a metric to the default library'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove metrics with their readings'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "template" -d 'Write an empty sheet to fill in and import'
complete -c cmf -n "__fish_cmf_using_subcommand metric; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l file -d 'Record the readings of a file (`-` is standard input): CSV, TSV or JSON lines with metric, value, at, note, by' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l at -d 'When it was measured, in ISO 8601; without it the server\'s clock tells the time' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l note -d 'A remark to keep with the reading' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l by -d 'The user who measured it' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l catalog -d 'Look for the metrics in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l tz -d 'The zone of times without an offset, such as Europe/Berlin or +02:00' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l on-conflict -d 'What to do where a metric has another value at the same instant' -r -f -a "refuse\t'Refuse it'
replace\t'Let the new value take the place of the old one'
skip\t'Keep the old value'"
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l rejects -d 'Write the refused lines to this file, in the input\'s form with a column for the reason' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l max-percent -d 'A percentage above this is doubtful' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l max-factor -d 'A value of more than so many times its target is doubtful, unless less is better' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l spool -d 'Keep the readings in this folder when the database is out of reach, and store what is kept there first' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l spool-limit -d 'How many megabytes the spool may take' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l statement-timeout -d 'How long the server may work on one statement; 0s is no limit' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l wide -d 'The file has a column an instant, or, with a column of instants, a column a metric'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l override-lock -d 'Record readings of locked metrics too'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l allow-future -d 'Take readings that are more than 5 minutes in the future'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l allow-partial -d 'Store what can be stored although other readings are refused, and exit with 3 then'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l strict -d 'Refuse doubtful values instead of warning of them'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l drain -d 'Store what is kept in the spool and nothing else'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l dry-run -d 'Check everything and store nothing'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand record; and not __fish_seen_subcommand_from undo" -a "undo" -d 'Take one reading back'
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l by -d 'The user who takes it back' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l override-lock -d 'Take it back although its metric is locked'
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand record; and __fish_seen_subcommand_from undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand history" -l catalog -d 'Look for the metric in this catalog; without it in the active catalogs and the default library' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l from -d 'Only readings from this time on' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l to -d 'Only readings before this time' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l last -d 'Only the newest N readings' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l tz -d 'The zone of times without an offset, such as Europe/Berlin or +02:00' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand history" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand history" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand history" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand history" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l catalog -d 'Score this catalog, by name or id' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l owner -d 'Score the active catalog of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l framework -d 'The framework, such as csf-2.0; without it the one the catalog is mapped to' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l rollup -d 'How metrics become a function\'s score: the mean of its categories, or the weighted mean of all its metrics' -r -f -a "category\t'A function is the mean of its categories'
metric\t'A function is the weighted mean of all its metrics'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l weight -d 'What a priority weighs, such as High=2; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l threshold -d 'Where a rating begins, such as very-low=95; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l default -d 'Score the default library: the metrics of no catalog'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l categories -d 'Show the categories too'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l dry-run -d 'Compute and show, and store nothing'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -f -a "show" -d 'Show the newest stored scores'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -f -a "explain" -d 'Show where every point of a score comes from'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -f -a "what-if" -d 'Show what the scores would be with other values'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -f -a "next" -d 'Show which metrics, brought to target, raise the score most'
complete -c cmf -n "__fish_cmf_using_subcommand score; and not __fish_seen_subcommand_from show explain what-if next help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l catalog -d 'Score this catalog, by name or id' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l owner -d 'Score the active catalog of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l framework -d 'The framework, such as csf-2.0; without it the one the catalog is mapped to' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l default -d 'Score the default library: the metrics of no catalog'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l categories -d 'Show the categories too'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l catalog -d 'Score this catalog, by name or id' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l owner -d 'Score the active catalog of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l framework -d 'The framework, such as csf-2.0; without it the one the catalog is mapped to' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l stale -d 'How old the newest reading may be, in days, such as 35d; without it twice the time between readings that the sheet names' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l depth -d 'How deep to go: function, category or metric' -r -f -a "function\t''
category\t''
metric\t''"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l rollup -d 'How metrics become a function\'s score: the mean of its categories, or the weighted mean of all its metrics' -r -f -a "category\t'A function is the mean of its categories'
metric\t'A function is the weighted mean of all its metrics'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l weight -d 'What a priority weighs, such as High=2; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l threshold -d 'Where a rating begins, such as very-low=95; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l default -d 'Score the default library: the metrics of no catalog'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l catalog -d 'Score this catalog, by name or id' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l owner -d 'Score the active catalog of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l framework -d 'The framework, such as csf-2.0; without it the one the catalog is mapped to' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l rollup -d 'How metrics become a function\'s score: the mean of its categories, or the weighted mean of all its metrics' -r -f -a "category\t'A function is the mean of its categories'
metric\t'A function is the weighted mean of all its metrics'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l weight -d 'What a priority weighs, such as High=2; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l threshold -d 'Where a rating begins, such as very-low=95; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l default -d 'Score the default library: the metrics of no catalog'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from what-if" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l function -d 'Only what raises this function or category' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l top -d 'How many metrics to show' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l catalog -d 'Score this catalog, by name or id' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l owner -d 'Score the active catalog of this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l framework -d 'The framework, such as csf-2.0; without it the one the catalog is mapped to' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l rollup -d 'How metrics become a function\'s score: the mean of its categories, or the weighted mean of all its metrics' -r -f -a "category\t'A function is the mean of its categories'
metric\t'A function is the weighted mean of all its metrics'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l weight -d 'What a priority weighs, such as High=2; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l threshold -d 'Where a rating begins, such as very-low=95; may be given for each' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l default -d 'Score the default library: the metrics of no catalog'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from next" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the newest stored scores'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from help" -f -a "explain" -d 'Show where every point of a score comes from'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from help" -f -a "what-if" -d 'Show what the scores would be with other values'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from help" -f -a "next" -d 'Show which metrics, brought to target, raise the score most'
complete -c cmf -n "__fish_cmf_using_subcommand score; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -f -a "list" -d 'List the changes, newest first'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -f -a "show" -d 'Show one change with all that was kept of it'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and not __fish_seen_subcommand_from list show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l action -d 'Only this action, such as catalog.activate, or all of a noun, such as catalog' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l user -d 'Only what was done for this user' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l since -d 'Not before this instant: 2026-03-01, 2026-03-01T08:00:00Z, or an age such as 12h, 35d, 6w' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l until -d 'Before this instant' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the changes, newest first'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one change with all that was kept of it'
complete -c cmf -n "__fish_cmf_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l dir -d 'Where the bundled sheet and readings are written, unless the current folder has them as fixtures' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l owner -d 'Whose catalog it becomes; without it, the user named after your login' -r
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand demo" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand demo" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand demo" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -f -a "dump" -d 'Write the whole database into a file'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -f -a "restore" -d 'Bring back what `cmf db dump` wrote'
complete -c cmf -n "__fish_cmf_using_subcommand db; and not __fish_seen_subcommand_from dump restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l force -d 'Replace the file when there is one'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l confirm -d 'The database\'s name, as the confirmation of --replace' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l replace -d 'Replace what is in the database'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from help" -f -a "dump" -d 'Write the whole database into a file'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Bring back what `cmf db dump` wrote'
complete -c cmf -n "__fish_cmf_using_subcommand db; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "start" -d 'Start it; every command that needs it does so by itself'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "stop" -d 'Stop it; open transactions are rolled back'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "status" -d 'Show whether it runs, where it is and how large'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "url" -d 'Print its URL, for psql and other programs; starts it if need be'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "upgrade" -d 'Move its data to the newest version of Postgres found; the old data is kept'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "destroy" -d 'Stop it and delete it with everything in it'
complete -c cmf -n "__fish_cmf_using_subcommand local; and not __fish_seen_subcommand_from start stop status url upgrade destroy help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from url" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l yes -d 'Do not ask'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start it; every command that needs it does so by itself'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stop it; open transactions are rolled back'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show whether it runs, where it is and how large'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "url" -d 'Print its URL, for psql and other programs; starts it if need be'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "upgrade" -d 'Move its data to the newest version of Postgres found; the old data is kept'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "destroy" -d 'Stop it and delete it with everything in it'
complete -c cmf -n "__fish_cmf_using_subcommand local; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand man" -l dir -d 'Write a page for every command into this folder, instead of the page of cmf to stdout' -r -F
complete -c cmf -n "__fish_cmf_using_subcommand man" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand man" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand man" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand man" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand man" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand man" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand man" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand completions" -l database-url -d 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own' -r
complete -c cmf -n "__fish_cmf_using_subcommand completions" -l format -d 'How results are printed' -r -f -a "table\t'Aligned columns for people'
json\t'One JSON document'
jsonl\t'One JSON object a line'
csv\t'Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised'
md\t'Tables in Markdown, for issues and wikis'"
complete -c cmf -n "__fish_cmf_using_subcommand completions" -l columns -d 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones' -r
complete -c cmf -n "__fish_cmf_using_subcommand completions" -l sort -d 'Sort rows by these columns; a - before a name sorts from high to low' -r
complete -c cmf -n "__fish_cmf_using_subcommand completions" -l no-pager -d 'Print long results on a terminal instead of in the pager'
complete -c cmf -n "__fish_cmf_using_subcommand completions" -s q -l quiet -d 'Say nothing but results and errors'
complete -c cmf -n "__fish_cmf_using_subcommand completions" -s v -l verbose -d 'Say more; twice for still more'
complete -c cmf -n "__fish_cmf_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "migrate" -d 'Bring the schema up, take it down, show where it stands'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "seed" -d 'Put bundled frameworks into the database'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "framework" -d 'Look at frameworks'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "user" -d 'Create, list and close users, set passwords'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "import" -d 'Import a metric catalog from a spreadsheet'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "map" -d 'Map items to a framework: suggest, review, set, through a spreadsheet'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "catalog" -d 'List, show, activate, rename, copy and delete catalogs'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "metric" -d 'List, show, change, add and remove metrics'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "record" -d 'Record readings of metrics'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "history" -d 'Show the readings of a metric'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "score" -d 'Compute, store and show scores'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "audit" -d 'See who changed what'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "demo" -d 'Run the main job on bundled data and print each command'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "db" -d 'Dump and restore the database as a whole'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "local" -d 'Manage the private Postgres'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "man" -d 'Print or write manual pages'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c cmf -n "__fish_cmf_using_subcommand help; and not __fish_seen_subcommand_from migrate seed framework user import map catalog metric record history score audit demo db local man completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "up" -d 'Apply pending migrations'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "down" -d 'Take the newest migration down, or several'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "redo" -d 'Take the newest migration down and up again'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "status" -d 'Show which migrations are applied; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "plan" -d 'Show what would run; changes nothing'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "drift" -d 'Compare the schema with what its migrations make; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "dump" -d 'Print the schema as SQL'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "adopt" -d 'Take over a database whose tables were made by alembic or by hand'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "test" -d 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "lint" -d 'Check migrations without a database; exit 4 where something is wrong or dangerous'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "new" -d 'Make a folder for a new migration'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "log" -d 'Show what cmf ran on this database, and who, when and for how long'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "verify" -d 'Check that no applied migration was edited since; exit 4 where one was'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from migrate" -f -a "repair" -d 'Record the applied migrations as they are now'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from framework" -f -a "list" -d 'List the frameworks in the database'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from framework" -f -a "show" -d 'Show a framework\'s tree, or the part below one code'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from framework" -f -a "import" -d 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from framework" -f -a "verify" -d 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from framework" -f -a "coverage" -d 'Every subcategory with the number of metrics mapped to it, and the gaps'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from user" -f -a "create" -d 'Create a user'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from user" -f -a "list" -d 'List the users'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from user" -f -a "deactivate" -d 'Close a user\'s account; what it owns and recorded stays'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from user" -f -a "activate" -d 'Open a closed account again'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from user" -f -a "set-password" -d 'Set a user\'s password, asked for on the terminal or read from standard input'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "suggest" -d 'Suggest subcategories for every item without a confirmed mapping, offline'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "list" -d 'List mappings, suggested and confirmed'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "set" -d 'Map an item to codes, confirmed, in place of its other mappings to the framework'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "confirm" -d 'Confirm suggestions'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "reject" -d 'Reject suggestions, which are not made again'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "review" -d 'Go through the suggestions on the terminal: accept, choose, skip, undo'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "export" -d 'Write items and mappings to a spreadsheet, to be edited and imported again'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "import" -d 'Bring an edited export back'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "list" -d 'List the catalogs'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "show" -d 'Show a catalog and its items'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "activate" -d 'Turn a catalog\'s mapped items into metrics and make it the owner\'s active catalog'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "deactivate" -d 'Make a catalog inactive; its metrics, readings and scores stay'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "rename" -d 'Give a catalog another name'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "clone" -d 'Copy a catalog\'s items and mappings into a new catalog'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "delete" -d 'Delete a catalog with its items, metrics, readings and scores'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "list" -d 'List metrics with their scores'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "show" -d 'Show a metric with its score, readings, mappings and the row it came from'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "set" -d 'Change a metric'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "lock" -d 'Lock metrics against changes and readings'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "unlock" -d 'Unlock metrics'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "add" -d 'Add a metric to the default library'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "rm" -d 'Remove metrics with their readings'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from metric" -f -a "template" -d 'Write an empty sheet to fill in and import'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from record" -f -a "undo" -d 'Take one reading back'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from score" -f -a "show" -d 'Show the newest stored scores'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from score" -f -a "explain" -d 'Show where every point of a score comes from'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from score" -f -a "what-if" -d 'Show what the scores would be with other values'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from score" -f -a "next" -d 'Show which metrics, brought to target, raise the score most'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "list" -d 'List the changes, newest first'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "show" -d 'Show one change with all that was kept of it'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from db" -f -a "dump" -d 'Write the whole database into a file'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from db" -f -a "restore" -d 'Bring back what `cmf db dump` wrote'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "start" -d 'Start it; every command that needs it does so by itself'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "stop" -d 'Stop it; open transactions are rolled back'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "status" -d 'Show whether it runs, where it is and how large'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "url" -d 'Print its URL, for psql and other programs; starts it if need be'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "upgrade" -d 'Move its data to the newest version of Postgres found; the old data is kept'
complete -c cmf -n "__fish_cmf_using_subcommand help; and __fish_seen_subcommand_from local" -f -a "destroy" -d 'Stop it and delete it with everything in it'
complete --keep-order --exclusive --command cmf --arguments "(CMF_COMPLETE=fish cmf -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
