# The assembler's report (ptxas -v) as one line a kernel; exit code 1 where the report has none.
/Compiling entry function/ { split($0, quoted, "'"); name = quoted[2] }
/bytes stack frame/ { stack = $1; spills = $5 + $9 }
/Used [0-9]+ registers/ {
    shared = 0
    for (i = 2; i <= NF; i++) {
        if ($i ~ /^registers/) registers = $(i - 1)
        if ($i ~ /^smem/) shared = $(i - 2)
    }
    if (name == "") next
    printf "%3d registers %6d B shared %5d B stack %5d B spilled  %s\n", registers, shared, stack, spills, name
    count++
    spilled += spills > 0
    name = ""
}
END {
    printf "%d kernels, %d spill\n", count, spilled
    exit count == 0
}
