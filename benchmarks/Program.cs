using GptGen.Benchmarks.Cpu;

return args switch
{
    ["gemm", .. var rest] => GemmBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: benchmarks gemm [threads] [128|256|512]…   matrix products and thin products, beside the machine's peaks");
    return 1;
}
