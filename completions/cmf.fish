complete --keep-order --exclusive --command cmf --arguments "(CMF_COMPLETE=fish cmf -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
