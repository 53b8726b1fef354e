using GptGen.Benchmarks;
using GptGen.Benchmarks.Cpu;

return args switch
{
    ["gemm", .. var rest] => GemmBenchmark.Run(rest),
    ["step", .. var rest] => TrainingStepBenchmark.Run(rest),
    ["operators", var model, var sequences, var length, .. var rest] => OperatorBenchmark.Run(model, sequences, length, rest),
    ["recompute", .. var rest] => RecomputationBenchmark.Run(rest),
    ["decode", .. var rest] => DecodeBenchmark.Run(rest),
    ["start", .. var rest] => StartBenchmark.Run(rest),
    [StartBenchmark.PartsWord, .. var rest] => StartBenchmark.RunParts(rest),
    ["serving", .. var rest] => ServingBenchmark.Run(rest),
    ["longtext", .. var rest] => LongTextBenchmark.Run(rest),
    ["finetune", .. var rest] => FinetuningBenchmark.Run(rest),
    ["distributed", .. var rest] => DistributedBenchmark.Run(rest),
    ["scaling"] => ScalingModel.Run(),
    [DistributedBenchmark.StepsWord, .. var rest] => DistributedBenchmark.RunSteps(rest),
    ["generator"] => GeneratorBenchmark.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: benchmarks gemm [threads] [128|256|512|NAME]…   matrix products and thin products, beside the machine's peaks");
    Console.Error.WriteLine("       benchmarks step [threads] [steps]                training steps of GPT-2 124M");
    Console.Error.WriteLine("       benchmarks operators MODEL SEQUENCES LENGTH [threads]   a training step of a zoo's model, operator by operator");
    Console.Error.WriteLine("       benchmarks recompute [threads] [runs]            GPT-2 124M with values computed anew, beside keeping them");
    Console.Error.WriteLine(
        "       benchmarks decode [threads]                      decoding with GPT-2 124M, beside the time of reading its weights");
    Console.Error.WriteLine(
        "       benchmarks start [PROGRAM] [rounds]              from the command line's start to its first token, and its parts");
    Console.Error.WriteLine("       benchmarks serving [threads]                     an engine's texts for one client and for several at once");
    Console.Error.WriteLine(
        "       benchmarks longtext [threads]                    a Transformer-XL's tokens at the beginning of a text and far behind it");
    Console.Error.WriteLine(
        "       benchmarks distributed [MODEL] [rounds] [launcher]   steps of two processes with a core each, beside one with two threads");
    Console.Error.WriteLine("       benchmarks scaling                               steps of 8 to 1,024 GPUs by a model, nothing measured");
    Console.Error.WriteLine("       benchmarks generator                             generating the code of every model of the zoo");
    Console.Error.WriteLine(
        "       benchmarks finetune [folder] [seed]                what pre-training is worth in four tasks, beside words alone; "
        + "weights in the folder");
    return 1;
}
