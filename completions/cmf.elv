set edit:completion:arg-completer[cmf] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) CMF_COMPLETE="elvish" cmf -- $@words) | to-lines
}

