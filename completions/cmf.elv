set edit:completion:arg-completer[cmf] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

use builtin;
use str;

set edit:completion:arg-completer[cmf] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'cmf'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'cmf'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand migrate 'Bring the schema up, take it down, show where it stands'
            cand seed 'Put bundled frameworks into the database'
            cand framework 'Look at frameworks'
            cand user 'Create, list and close users, set passwords'
            cand import 'Import a metric catalog from a spreadsheet'
            cand map 'Map items to a framework: suggest, review, set, through a spreadsheet'
            cand catalog 'List, show, activate, rename, copy and delete catalogs'
            cand metric 'List, show, change, add and remove metrics'
            cand record 'Record readings of metrics'
            cand history 'Show the readings of a metric'
            cand score 'Compute, store and show scores'
            cand audit 'See who changed what'
            cand demo 'Run the main job on bundled data and print each command'
            cand db 'Dump and restore the database as a whole'
            cand local 'Manage the private Postgres'
            cand man 'Print or write manual pages'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;migrate'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand up 'Apply pending migrations'
            cand down 'Take the newest migration down, or several'
            cand redo 'Take the newest migration down and up again'
            cand status 'Show which migrations are applied; changes nothing'
            cand plan 'Show what would run; changes nothing'
            cand drift 'Compare the schema with what its migrations make; exit 4 where they differ'
            cand dump 'Print the schema as SQL'
            cand adopt 'Take over a database whose tables were made by alembic or by hand'
            cand test 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
            cand lint 'Check migrations without a database; exit 4 where something is wrong or dangerous'
            cand new 'Make a folder for a new migration'
            cand log 'Show what cmf ran on this database, and who, when and for how long'
            cand verify 'Check that no applied migration was edited since; exit 4 where one was'
            cand repair 'Record the applied migrations as they are now'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;migrate;up'= {
            cand --to 'Stop after this migration'
            cand --lock-wait 'How long to wait for another session that migrates'
            cand --lock-timeout 'How long a migration in a transaction may wait for a lock; 0 for ever'
            cand --statement-timeout 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]'
            cand --retries 'How often to try a migration again that met a lock or a deadlock'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --allow-out-of-order 'Apply also what is older than the newest applied'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;down'= {
            cand --to 'Take down everything newer than this migration'
            cand --confirm 'The database''s name, as the confirmation of --all'
            cand --lock-wait 'How long to wait for another session that migrates'
            cand --lock-timeout 'How long a migration in a transaction may wait for a lock; 0 for ever'
            cand --statement-timeout 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]'
            cand --retries 'How often to try a migration again that met a lock or a deadlock'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --all 'Take all migrations down; the schema is empty then'
            cand --yes 'Do not ask'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;redo'= {
            cand --lock-wait 'How long to wait for another session that migrates'
            cand --lock-timeout 'How long a migration in a transaction may wait for a lock; 0 for ever'
            cand --statement-timeout 'How long one statement of a migration in a transaction may run; 0 for ever [default: the server''s]'
            cand --retries 'How often to try a migration again that met a lock or a deadlock'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --yes 'Do not ask'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;status'= {
            cand --wait 'Wait this long for a server that is still starting'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --exit-code 'Exit 4 when migrations are pending or the database has gone another way'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;plan'= {
            cand --scratch-url 'The server to make a scratch database on [default: the server itself]'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --trace 'Run it in a scratch database and show which locks each migration takes and which tables it writes anew'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;drift'= {
            cand --scratch-url 'The server to make a scratch database on [default: the server itself]'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;dump'= {
            cand --scratch-url 'The server to make a scratch database on [default: the server itself]'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --expected 'The schema that all migrations make, instead of the one that is there'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;adopt'= {
            cand --scratch-url 'The server to make a scratch database on [default: the server itself]'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show the difference and record nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;test'= {
            cand --scratch-url 'The server to make a scratch database on [default: the server itself]'
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;lint'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --rules 'Show the rules instead'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;new'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-transaction 'It runs outside a transaction, as a concurrent index must'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;log'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;verify'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;repair'= {
            cand --dir 'Take the migrations from this folder instead of those built in'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --yes 'Do not ask'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;migrate;help'= {
            cand up 'Apply pending migrations'
            cand down 'Take the newest migration down, or several'
            cand redo 'Take the newest migration down and up again'
            cand status 'Show which migrations are applied; changes nothing'
            cand plan 'Show what would run; changes nothing'
            cand drift 'Compare the schema with what its migrations make; exit 4 where they differ'
            cand dump 'Print the schema as SQL'
            cand adopt 'Take over a database whose tables were made by alembic or by hand'
            cand test 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
            cand lint 'Check migrations without a database; exit 4 where something is wrong or dangerous'
            cand new 'Make a folder for a new migration'
            cand log 'Show what cmf ran on this database, and who, when and for how long'
            cand verify 'Check that no applied migration was edited since; exit 4 where one was'
            cand repair 'Record the applied migrations as they are now'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;migrate;help;up'= {
        }
        &'cmf;migrate;help;down'= {
        }
        &'cmf;migrate;help;redo'= {
        }
        &'cmf;migrate;help;status'= {
        }
        &'cmf;migrate;help;plan'= {
        }
        &'cmf;migrate;help;drift'= {
        }
        &'cmf;migrate;help;dump'= {
        }
        &'cmf;migrate;help;adopt'= {
        }
        &'cmf;migrate;help;test'= {
        }
        &'cmf;migrate;help;lint'= {
        }
        &'cmf;migrate;help;new'= {
        }
        &'cmf;migrate;help;log'= {
        }
        &'cmf;migrate;help;verify'= {
        }
        &'cmf;migrate;help;repair'= {
        }
        &'cmf;migrate;help;help'= {
        }
        &'cmf;seed'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the frameworks in the database'
            cand show 'Show a framework''s tree, or the part below one code'
            cand import 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
            cand verify 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
            cand coverage 'Every subcategory with the number of metrics mapped to it, and the gaps'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;framework;list'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework;show'= {
            cand --framework 'The framework the code belongs to, where several have it'
            cand --depth 'How many levels to show: 1 functions, 2 categories, 3 subcategories'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework;import'= {
            cand --name 'The framework''s name, where the file''s own is not wanted'
            cand --framework-version 'The framework''s version, where the file''s own is not wanted'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --keep 'Keep codes that are in the database and not in the file'
            cand --yes 'Remove codes that are not in the file without asking; codes that mappings use are never removed'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework;verify'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework;coverage'= {
            cand --framework 'The framework'
            cand --catalog 'Count the items of this catalog only'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --gaps 'Show only subcategories that no metric is mapped to'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;framework;help'= {
            cand list 'List the frameworks in the database'
            cand show 'Show a framework''s tree, or the part below one code'
            cand import 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
            cand verify 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
            cand coverage 'Every subcategory with the number of metrics mapped to it, and the gaps'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;framework;help;list'= {
        }
        &'cmf;framework;help;show'= {
        }
        &'cmf;framework;help;import'= {
        }
        &'cmf;framework;help;verify'= {
        }
        &'cmf;framework;help;coverage'= {
        }
        &'cmf;framework;help;help'= {
        }
        &'cmf;user'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand create 'Create a user'
            cand list 'List the users'
            cand deactivate 'Close a user''s account; what it owns and recorded stays'
            cand activate 'Open a closed account again'
            cand set-password 'Set a user''s password, asked for on the terminal or read from standard input'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;user;create'= {
            cand --email 'The user''s email address, at most 255 characters'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;user;list'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;user;deactivate'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;user;activate'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;user;set-password'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;user;help'= {
            cand create 'Create a user'
            cand list 'List the users'
            cand deactivate 'Close a user''s account; what it owns and recorded stays'
            cand activate 'Open a closed account again'
            cand set-password 'Set a user''s password, asked for on the terminal or read from standard input'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;user;help;create'= {
        }
        &'cmf;user;help;list'= {
        }
        &'cmf;user;help;deactivate'= {
        }
        &'cmf;user;help;activate'= {
        }
        &'cmf;user;help;set-password'= {
        }
        &'cmf;user;help;help'= {
        }
        &'cmf;import'= {
            cand --name 'The catalog''s name; without it the file''s name'
            cand --owner 'Who owns the catalog'
            cand --framework 'The framework of the codes in the sheet; without it the one that knows them'
            cand --sheet 'The sheet of a workbook'
            cand --header-row 'The row that the headers stand in'
            cand --map 'Read a field from this column, named by header or letters; an empty column leaves the field out'
            cand --percent 'What plain numbers mean where the unit is %'
            cand --decimal 'The decimal mark of all number columns'
            cand --max-size 'The largest file that is read, in MB'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --again 'Import although this file was imported before'
            cand --activate 'Make the imported catalog the owner''s active one'
            cand --dry-run 'Do everything, show it, and take it back'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand suggest 'Suggest subcategories for every item without a confirmed mapping, offline'
            cand list 'List mappings, suggested and confirmed'
            cand set 'Map an item to codes, confirmed, in place of its other mappings to the framework'
            cand confirm 'Confirm suggestions'
            cand reject 'Reject suggestions, which are not made again'
            cand review 'Go through the suggestions on the terminal: accept, choose, skip, undo'
            cand export 'Write items and mappings to a spreadsheet, to be edited and imported again'
            cand import 'Bring an edited export back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;map;suggest'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --top 'How many suggestions an item gets'
            cand --min-confidence 'Leave out suggestions below this confidence'
            cand --auto-confirm 'Confirm each item''s best suggestion where its confidence is at least this'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show what would be suggested and store nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;list'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework; all of them when none is named'
            cand --code 'Only mappings to this code or below it, in any spelling'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --confirmed 'Only confirmed mappings'
            cand --suggested 'Only mappings that wait for a decision'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;set'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --add 'Keep the item''s other mappings to the framework'
            cand --accept-successors 'Map a withdrawn code to its successors, unconfirmed'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;confirm'= {
            cand --above 'Confirm each item''s best suggestion where its confidence is at least this'
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;reject'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;review'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --top 'How many candidates are shown for an item'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;export'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --xlsx 'Write a workbook; without it the rows are printed, with --format csv as CSV'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --force 'Write over a file that is there'
            cand --pending 'Only items without a confirmed mapping'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;import'= {
            cand --catalog 'The catalog; all of them when none is named'
            cand --owner 'The catalog''s owner, where several have one of this name'
            cand --framework 'The framework'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --accept-successors 'Map withdrawn codes to their successors, unconfirmed'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;map;help'= {
            cand suggest 'Suggest subcategories for every item without a confirmed mapping, offline'
            cand list 'List mappings, suggested and confirmed'
            cand set 'Map an item to codes, confirmed, in place of its other mappings to the framework'
            cand confirm 'Confirm suggestions'
            cand reject 'Reject suggestions, which are not made again'
            cand review 'Go through the suggestions on the terminal: accept, choose, skip, undo'
            cand export 'Write items and mappings to a spreadsheet, to be edited and imported again'
            cand import 'Bring an edited export back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;map;help;suggest'= {
        }
        &'cmf;map;help;list'= {
        }
        &'cmf;map;help;set'= {
        }
        &'cmf;map;help;confirm'= {
        }
        &'cmf;map;help;reject'= {
        }
        &'cmf;map;help;review'= {
        }
        &'cmf;map;help;export'= {
        }
        &'cmf;map;help;import'= {
        }
        &'cmf;map;help;help'= {
        }
        &'cmf;catalog'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the catalogs'
            cand show 'Show a catalog and its items'
            cand activate 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog'
            cand deactivate 'Make a catalog inactive; its metrics, readings and scores stay'
            cand rename 'Give a catalog another name'
            cand clone 'Copy a catalog''s items and mappings into a new catalog'
            cand delete 'Delete a catalog with its items, metrics, readings and scores'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;catalog;list'= {
            cand --owner 'Only the catalogs of this user'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;show'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;activate'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;deactivate'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;rename'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;clone'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --to 'The user the copy belongs to; without it, the same'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;delete'= {
            cand --owner 'The user it belongs to, where several have one of this name'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --force 'Delete it although it is its owner''s active catalog'
            cand --yes 'Do not ask'
            cand --dry-run 'Show what would go and delete nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;catalog;help'= {
            cand list 'List the catalogs'
            cand show 'Show a catalog and its items'
            cand activate 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog'
            cand deactivate 'Make a catalog inactive; its metrics, readings and scores stay'
            cand rename 'Give a catalog another name'
            cand clone 'Copy a catalog''s items and mappings into a new catalog'
            cand delete 'Delete a catalog with its items, metrics, readings and scores'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;catalog;help;list'= {
        }
        &'cmf;catalog;help;show'= {
        }
        &'cmf;catalog;help;activate'= {
        }
        &'cmf;catalog;help;deactivate'= {
        }
        &'cmf;catalog;help;rename'= {
        }
        &'cmf;catalog;help;clone'= {
        }
        &'cmf;catalog;help;delete'= {
        }
        &'cmf;catalog;help;help'= {
        }
        &'cmf;metric'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List metrics with their scores'
            cand show 'Show a metric with its score, readings, mappings and the row it came from'
            cand set 'Change a metric'
            cand lock 'Lock metrics against changes and readings'
            cand unlock 'Unlock metrics'
            cand add 'Add a metric to the default library'
            cand rm 'Remove metrics with their readings'
            cand template 'Write an empty sheet to fill in and import'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;metric;list'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --function 'Only metrics of this function, such as PR'
            cand --category 'Only metrics of this category, such as PR.AA'
            cand --priority 'Only metrics of this priority'
            cand --direction 'Only metrics of this direction'
            cand --stale 'Only metrics whose newest reading is older than this, such as 35d, or that have none'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --below-target 'Only metrics that miss their target'
            cand --unmapped 'Only metrics that nothing ties to a framework: no confirmed mapping, or an unknown function'
            cand --unscored 'Only metrics without a score, for want of a reading, a target or bounds'
            cand --locked 'Only locked metrics'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;show'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --last 'How many of the newest readings to show'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;set'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --name 'Another name'
            cand --number 'The display number, such as PR-001'
            cand --description 'What it measures'
            cand --target 'The target'
            cand --lower 'The lower bound of a target range'
            cand --upper 'The upper bound of a target range'
            cand --unit 'What it is counted in, such as % or days'
            cand --direction 'Which values are good'
            cand --priority 'How much it weighs'
            cand --function 'The function''s code, such as PR'
            cand --category 'The category''s code, such as PR.AA'
            cand --clear 'Empty these fields'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --override-lock 'Change it although it is locked'
            cand --dry-run 'Show what would change and change nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;lock'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;unlock'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;add'= {
            cand --number 'The display number, such as PR-001'
            cand --description 'What it measures'
            cand --target 'The target'
            cand --lower 'The lower bound of a target range'
            cand --upper 'The upper bound of a target range'
            cand --unit 'What it is counted in, such as % or days'
            cand --direction 'Which values are good'
            cand --priority 'How much it weighs'
            cand --function 'The function''s code, such as PR'
            cand --category 'The category''s code, such as PR.AA'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;rm'= {
            cand --catalog 'Look in this catalog; without it in the active catalogs and the default library'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Look in the default library only'
            cand --all 'Look in all catalogs, active or not, and the default library'
            cand --override-lock 'Remove locked metrics too'
            cand --yes 'Do not ask'
            cand --dry-run 'Show what would go and remove nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;template'= {
            cand --xlsx 'The workbook to write; without a name, cmf-metrics.xlsx'
            cand --framework 'The framework whose codes the drop-downs offer'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-examples 'Leave the examples out'
            cand --force 'Replace the file where it exists'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;metric;help'= {
            cand list 'List metrics with their scores'
            cand show 'Show a metric with its score, readings, mappings and the row it came from'
            cand set 'Change a metric'
            cand lock 'Lock metrics against changes and readings'
            cand unlock 'Unlock metrics'
            cand add 'Add a metric to the default library'
            cand rm 'Remove metrics with their readings'
            cand template 'Write an empty sheet to fill in and import'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;metric;help;list'= {
        }
        &'cmf;metric;help;show'= {
        }
        &'cmf;metric;help;set'= {
        }
        &'cmf;metric;help;lock'= {
        }
        &'cmf;metric;help;unlock'= {
        }
        &'cmf;metric;help;add'= {
        }
        &'cmf;metric;help;rm'= {
        }
        &'cmf;metric;help;template'= {
        }
        &'cmf;metric;help;help'= {
        }
        &'cmf;record'= {
            cand --file 'Record the readings of a file (`-` is standard input): CSV, TSV or JSON lines with metric, value, at, note, by'
            cand --at 'When it was measured, in ISO 8601; without it the server''s clock tells the time'
            cand --note 'A remark to keep with the reading'
            cand --by 'The user who measured it'
            cand --catalog 'Look for the metrics in this catalog; without it in the active catalogs and the default library'
            cand --tz 'The zone of times without an offset, such as Europe/Berlin or +02:00'
            cand --on-conflict 'What to do where a metric has another value at the same instant'
            cand --rejects 'Write the refused lines to this file, in the input''s form with a column for the reason'
            cand --max-percent 'A percentage above this is doubtful'
            cand --max-factor 'A value of more than so many times its target is doubtful, unless less is better'
            cand --spool 'Keep the readings in this folder when the database is out of reach, and store what is kept there first'
            cand --spool-limit 'How many megabytes the spool may take'
            cand --statement-timeout 'How long the server may work on one statement; 0s is no limit'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --wide 'The file has a column an instant, or, with a column of instants, a column a metric'
            cand --override-lock 'Record readings of locked metrics too'
            cand --allow-future 'Take readings that are more than 5 minutes in the future'
            cand --allow-partial 'Store what can be stored although other readings are refused, and exit with 3 then'
            cand --strict 'Refuse doubtful values instead of warning of them'
            cand --drain 'Store what is kept in the spool and nothing else'
            cand --dry-run 'Check everything and store nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand undo 'Take one reading back'
        }
        &'cmf;record;undo'= {
            cand --by 'The user who takes it back'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --override-lock 'Take it back although its metric is locked'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;history'= {
            cand --catalog 'Look for the metric in this catalog; without it in the active catalogs and the default library'
            cand --from 'Only readings from this time on'
            cand --to 'Only readings before this time'
            cand --last 'Only the newest N readings'
            cand --tz 'The zone of times without an offset, such as Europe/Berlin or +02:00'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;score'= {
            cand --catalog 'Score this catalog, by name or id'
            cand --owner 'Score the active catalog of this user'
            cand --framework 'The framework, such as csf-2.0; without it the one the catalog is mapped to'
            cand --rollup 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics'
            cand --weight 'What a priority weighs, such as High=2; may be given for each'
            cand --threshold 'Where a rating begins, such as very-low=95; may be given for each'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Score the default library: the metrics of no catalog'
            cand --categories 'Show the categories too'
            cand --dry-run 'Compute and show, and store nothing'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Show the newest stored scores'
            cand explain 'Show where every point of a score comes from'
            cand what-if 'Show what the scores would be with other values'
            cand next 'Show which metrics, brought to target, raise the score most'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;score;show'= {
            cand --catalog 'Score this catalog, by name or id'
            cand --owner 'Score the active catalog of this user'
            cand --framework 'The framework, such as csf-2.0; without it the one the catalog is mapped to'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Score the default library: the metrics of no catalog'
            cand --categories 'Show the categories too'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;score;explain'= {
            cand --catalog 'Score this catalog, by name or id'
            cand --owner 'Score the active catalog of this user'
            cand --framework 'The framework, such as csf-2.0; without it the one the catalog is mapped to'
            cand --stale 'How old the newest reading may be, in days, such as 35d; without it twice the time between readings that the sheet names'
            cand --depth 'How deep to go: function, category or metric'
            cand --rollup 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics'
            cand --weight 'What a priority weighs, such as High=2; may be given for each'
            cand --threshold 'Where a rating begins, such as very-low=95; may be given for each'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Score the default library: the metrics of no catalog'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;score;what-if'= {
            cand --catalog 'Score this catalog, by name or id'
            cand --owner 'Score the active catalog of this user'
            cand --framework 'The framework, such as csf-2.0; without it the one the catalog is mapped to'
            cand --rollup 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics'
            cand --weight 'What a priority weighs, such as High=2; may be given for each'
            cand --threshold 'Where a rating begins, such as very-low=95; may be given for each'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Score the default library: the metrics of no catalog'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;score;next'= {
            cand --function 'Only what raises this function or category'
            cand --top 'How many metrics to show'
            cand --catalog 'Score this catalog, by name or id'
            cand --owner 'Score the active catalog of this user'
            cand --framework 'The framework, such as csf-2.0; without it the one the catalog is mapped to'
            cand --rollup 'How metrics become a function''s score: the mean of its categories, or the weighted mean of all its metrics'
            cand --weight 'What a priority weighs, such as High=2; may be given for each'
            cand --threshold 'Where a rating begins, such as very-low=95; may be given for each'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --default 'Score the default library: the metrics of no catalog'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;score;help'= {
            cand show 'Show the newest stored scores'
            cand explain 'Show where every point of a score comes from'
            cand what-if 'Show what the scores would be with other values'
            cand next 'Show which metrics, brought to target, raise the score most'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;score;help;show'= {
        }
        &'cmf;score;help;explain'= {
        }
        &'cmf;score;help;what-if'= {
        }
        &'cmf;score;help;next'= {
        }
        &'cmf;score;help;help'= {
        }
        &'cmf;audit'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the changes, newest first'
            cand show 'Show one change with all that was kept of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;audit;list'= {
            cand --action 'Only this action, such as catalog.activate, or all of a noun, such as catalog'
            cand --user 'Only what was done for this user'
            cand --since 'Not before this instant: 2026-03-01, 2026-03-01T08:00:00Z, or an age such as 12h, 35d, 6w'
            cand --until 'Before this instant'
            cand --limit 'At most so many'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;audit;show'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;audit;help'= {
            cand list 'List the changes, newest first'
            cand show 'Show one change with all that was kept of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;audit;help;list'= {
        }
        &'cmf;audit;help;show'= {
        }
        &'cmf;audit;help;help'= {
        }
        &'cmf;demo'= {
            cand --dir 'Where the bundled sheet and readings are written, unless the current folder has them as fixtures'
            cand --owner 'Whose catalog it becomes; without it, the user named after your login'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;db'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand dump 'Write the whole database into a file'
            cand restore 'Bring back what `cmf db dump` wrote'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;db;dump'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --force 'Replace the file when there is one'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;db;restore'= {
            cand --confirm 'The database''s name, as the confirmation of --replace'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --replace 'Replace what is in the database'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;db;help'= {
            cand dump 'Write the whole database into a file'
            cand restore 'Bring back what `cmf db dump` wrote'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;db;help;dump'= {
        }
        &'cmf;db;help;restore'= {
        }
        &'cmf;db;help;help'= {
        }
        &'cmf;local'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand start 'Start it; every command that needs it does so by itself'
            cand stop 'Stop it; open transactions are rolled back'
            cand status 'Show whether it runs, where it is and how large'
            cand url 'Print its URL, for psql and other programs; starts it if need be'
            cand upgrade 'Move its data to the newest version of Postgres found; the old data is kept'
            cand destroy 'Stop it and delete it with everything in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;local;start'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;stop'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;status'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;url'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;upgrade'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;destroy'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --yes 'Do not ask'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;local;help'= {
            cand start 'Start it; every command that needs it does so by itself'
            cand stop 'Stop it; open transactions are rolled back'
            cand status 'Show whether it runs, where it is and how large'
            cand url 'Print its URL, for psql and other programs; starts it if need be'
            cand upgrade 'Move its data to the newest version of Postgres found; the old data is kept'
            cand destroy 'Stop it and delete it with everything in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;local;help;start'= {
        }
        &'cmf;local;help;stop'= {
        }
        &'cmf;local;help;status'= {
        }
        &'cmf;local;help;url'= {
        }
        &'cmf;local;help;upgrade'= {
        }
        &'cmf;local;help;destroy'= {
        }
        &'cmf;local;help;help'= {
        }
        &'cmf;man'= {
            cand --dir 'Write a page for every command into this folder, instead of the page of cmf to stdout'
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;completions'= {
            cand --database-url 'The Postgres to work on, as a URL; without it cmf uses a private Postgres of its own'
            cand --format 'How results are printed'
            cand --columns 'Show these columns only, in this order; works for every format, and a wrong name lists the right ones'
            cand --sort 'Sort rows by these columns; a - before a name sorts from high to low'
            cand --no-pager 'Print long results on a terminal instead of in the pager'
            cand -q 'Say nothing but results and errors'
            cand --quiet 'Say nothing but results and errors'
            cand -v 'Say more; twice for still more'
            cand --verbose 'Say more; twice for still more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'cmf;help'= {
            cand migrate 'Bring the schema up, take it down, show where it stands'
            cand seed 'Put bundled frameworks into the database'
            cand framework 'Look at frameworks'
            cand user 'Create, list and close users, set passwords'
            cand import 'Import a metric catalog from a spreadsheet'
            cand map 'Map items to a framework: suggest, review, set, through a spreadsheet'
            cand catalog 'List, show, activate, rename, copy and delete catalogs'
            cand metric 'List, show, change, add and remove metrics'
            cand record 'Record readings of metrics'
            cand history 'Show the readings of a metric'
            cand score 'Compute, store and show scores'
            cand audit 'See who changed what'
            cand demo 'Run the main job on bundled data and print each command'
            cand db 'Dump and restore the database as a whole'
            cand local 'Manage the private Postgres'
            cand man 'Print or write manual pages'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'cmf;help;migrate'= {
            cand up 'Apply pending migrations'
            cand down 'Take the newest migration down, or several'
            cand redo 'Take the newest migration down and up again'
            cand status 'Show which migrations are applied; changes nothing'
            cand plan 'Show what would run; changes nothing'
            cand drift 'Compare the schema with what its migrations make; exit 4 where they differ'
            cand dump 'Print the schema as SQL'
            cand adopt 'Take over a database whose tables were made by alembic or by hand'
            cand test 'Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one'
            cand lint 'Check migrations without a database; exit 4 where something is wrong or dangerous'
            cand new 'Make a folder for a new migration'
            cand log 'Show what cmf ran on this database, and who, when and for how long'
            cand verify 'Check that no applied migration was edited since; exit 4 where one was'
            cand repair 'Record the applied migrations as they are now'
        }
        &'cmf;help;migrate;up'= {
        }
        &'cmf;help;migrate;down'= {
        }
        &'cmf;help;migrate;redo'= {
        }
        &'cmf;help;migrate;status'= {
        }
        &'cmf;help;migrate;plan'= {
        }
        &'cmf;help;migrate;drift'= {
        }
        &'cmf;help;migrate;dump'= {
        }
        &'cmf;help;migrate;adopt'= {
        }
        &'cmf;help;migrate;test'= {
        }
        &'cmf;help;migrate;lint'= {
        }
        &'cmf;help;migrate;new'= {
        }
        &'cmf;help;migrate;log'= {
        }
        &'cmf;help;migrate;verify'= {
        }
        &'cmf;help;migrate;repair'= {
        }
        &'cmf;help;seed'= {
        }
        &'cmf;help;framework'= {
            cand list 'List the frameworks in the database'
            cand show 'Show a framework''s tree, or the part below one code'
            cand import 'Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV'
            cand verify 'Compare the frameworks in the database with the bundled code lists; exit 4 where they differ'
            cand coverage 'Every subcategory with the number of metrics mapped to it, and the gaps'
        }
        &'cmf;help;framework;list'= {
        }
        &'cmf;help;framework;show'= {
        }
        &'cmf;help;framework;import'= {
        }
        &'cmf;help;framework;verify'= {
        }
        &'cmf;help;framework;coverage'= {
        }
        &'cmf;help;user'= {
            cand create 'Create a user'
            cand list 'List the users'
            cand deactivate 'Close a user''s account; what it owns and recorded stays'
            cand activate 'Open a closed account again'
            cand set-password 'Set a user''s password, asked for on the terminal or read from standard input'
        }
        &'cmf;help;user;create'= {
        }
        &'cmf;help;user;list'= {
        }
        &'cmf;help;user;deactivate'= {
        }
        &'cmf;help;user;activate'= {
        }
        &'cmf;help;user;set-password'= {
        }
        &'cmf;help;import'= {
        }
        &'cmf;help;map'= {
            cand suggest 'Suggest subcategories for every item without a confirmed mapping, offline'
            cand list 'List mappings, suggested and confirmed'
            cand set 'Map an item to codes, confirmed, in place of its other mappings to the framework'
            cand confirm 'Confirm suggestions'
            cand reject 'Reject suggestions, which are not made again'
            cand review 'Go through the suggestions on the terminal: accept, choose, skip, undo'
            cand export 'Write items and mappings to a spreadsheet, to be edited and imported again'
            cand import 'Bring an edited export back'
        }
        &'cmf;help;map;suggest'= {
        }
        &'cmf;help;map;list'= {
        }
        &'cmf;help;map;set'= {
        }
        &'cmf;help;map;confirm'= {
        }
        &'cmf;help;map;reject'= {
        }
        &'cmf;help;map;review'= {
        }
        &'cmf;help;map;export'= {
        }
        &'cmf;help;map;import'= {
        }
        &'cmf;help;catalog'= {
            cand list 'List the catalogs'
            cand show 'Show a catalog and its items'
            cand activate 'Turn a catalog''s mapped items into metrics and make it the owner''s active catalog'
            cand deactivate 'Make a catalog inactive; its metrics, readings and scores stay'
            cand rename 'Give a catalog another name'
            cand clone 'Copy a catalog''s items and mappings into a new catalog'
            cand delete 'Delete a catalog with its items, metrics, readings and scores'
        }
        &'cmf;help;catalog;list'= {
        }
        &'cmf;help;catalog;show'= {
        }
        &'cmf;help;catalog;activate'= {
        }
        &'cmf;help;catalog;deactivate'= {
        }
        &'cmf;help;catalog;rename'= {
        }
        &'cmf;help;catalog;clone'= {
        }
        &'cmf;help;catalog;delete'= {
        }
        &'cmf;help;metric'= {
            cand list 'List metrics with their scores'
            cand show 'Show a metric with its score, readings, mappings and the row it came from'
            cand set 'Change a metric'
            cand lock 'Lock metrics against changes and readings'
            cand unlock 'Unlock metrics'
            cand add 'Add a metric to the default library'
            cand rm 'Remove metrics with their readings'
            cand template 'Write an empty sheet to fill in and import'
        }
        &'cmf;help;metric;list'= {
        }
        &'cmf;help;metric;show'= {
        }
        &'cmf;help;metric;set'= {
        }
        &'cmf;help;metric;lock'= {
        }
        &'cmf;help;metric;unlock'= {
        }
        &'cmf;help;metric;add'= {
        }
        &'cmf;help;metric;rm'= {
        }
        &'cmf;help;metric;template'= {
        }
        &'cmf;help;record'= {
            cand undo 'Take one reading back'
        }
        &'cmf;help;record;undo'= {
        }
        &'cmf;help;history'= {
        }
        &'cmf;help;score'= {
            cand show 'Show the newest stored scores'
            cand explain 'Show where every point of a score comes from'
            cand what-if 'Show what the scores would be with other values'
            cand next 'Show which metrics, brought to target, raise the score most'
        }
        &'cmf;help;score;show'= {
        }
        &'cmf;help;score;explain'= {
        }
        &'cmf;help;score;what-if'= {
        }
        &'cmf;help;score;next'= {
        }
        &'cmf;help;audit'= {
            cand list 'List the changes, newest first'
            cand show 'Show one change with all that was kept of it'
        }
        &'cmf;help;audit;list'= {
        }
        &'cmf;help;audit;show'= {
        }
        &'cmf;help;demo'= {
        }
        &'cmf;help;db'= {
            cand dump 'Write the whole database into a file'
            cand restore 'Bring back what `cmf db dump` wrote'
        }
        &'cmf;help;db;dump'= {
        }
        &'cmf;help;db;restore'= {
        }
        &'cmf;help;local'= {
            cand start 'Start it; every command that needs it does so by itself'
            cand stop 'Stop it; open transactions are rolled back'
            cand status 'Show whether it runs, where it is and how large'
            cand url 'Print its URL, for psql and other programs; starts it if need be'
            cand upgrade 'Move its data to the newest version of Postgres found; the old data is kept'
            cand destroy 'Stop it and delete it with everything in it'
        }
        &'cmf;help;local;start'= {
        }
        &'cmf;help;local;stop'= {
        }
        &'cmf;help;local;status'= {
        }
        &'cmf;help;local;url'= {
        }
        &'cmf;help;local;upgrade'= {
        }
        &'cmf;help;local;destroy'= {
        }
        &'cmf;help;man'= {
        }
        &'cmf;help;completions'= {
        }
        &'cmf;help;help'= {
        }
    ]
    $completions[$command]
    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) CMF_COMPLETE="elvish" cmf -- $@words) | to-lines
}

