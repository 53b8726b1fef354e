using System.Globalization;
using GptGen;
using GptGen.Benchmarks.Gpu;
using GptGen.Models;

try
{
    return args switch
    {
        ["step", var model, var sequences, var length, var precision and ("f32" or "tf32" or "bf16")] =>
            StepBenchmark.Run(OwnModels.Find(model), Number(sequences), Number(length), Precisions.Find(precision)),
        ["operators", var model, var sequences, var length, var precision and ("f32" or "tf32" or "bf16")] =>
            OperatorBenchmark.Run(OwnModels.Find(model), Number(sequences), Number(length), Precisions.Find(precision)),
        ["parity", var model, var sequences, var length, var precision and ("f32" or "tf32" or "bf16"), var folder] =>
            ParityRun.Write(OwnModels.Find(model), Number(sequences), Number(length), Precisions.Find(precision), folder),
        ["decode", var model, var most] => DecodeBenchmark.Run(OwnModels.Find(model), Number(most)),
        ["ceilings", var side] => Ceilings.Run(Number(side)),
        ["scans", var length] => ScanBenchmark.Run(Number(length)),
        ["attention", var sequences, var length] => AttentionBenchmark.Run(Number(sequences), Number(length)),
        ["fused", var rows] => FusedBenchmark.Run(Number(rows)),
        ["head", var rows] => HeadBenchmark.Run(Number(rows)),
        ["kernels", var model, var precision and ("f32" or "tf32" or "bf16"), var folder] =>
            KernelText.Write(OwnModels.Find(model), Precisions.Find(precision), folder),
        _ => Usage(),
    };
}
catch (GptGenException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

static int Number(string text) =>
    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new GptGenException($"'{text}' is no positive number.");

static int Usage()
{
    Console.Error.WriteLine(
        "usage: GptGen.Benchmarks.Gpu step MODEL SEQUENCES LENGTH f32|tf32|bf16   a training step, phase by phase, by the GPU's clock");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu operators MODEL SEQUENCES LENGTH f32|tf32|bf16   a training step, operator by operator");
    Console.Error.WriteLine(
        "       GptGen.Benchmarks.Gpu parity MODEL SEQUENCES LENGTH f32|tf32|bf16 FOLDER   writes one batch, its loss and gradients for parity.py");
    Console.Error.WriteLine(
        "       GptGen.Benchmarks.Gpu decode MODEL MOST                      decoding of 1 to MOST sequences, beside the reading of the weights");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu ceilings SIDE                          copies, and products of SIDE x SIDE matrices");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu scans LENGTH                           an LSTM's steps in one launch and one by one");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu attention SEQUENCES LENGTH             attention on tensor cores and on ordinary ones");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu fused ROWS                             what ends products, within them and behind them");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu head ROWS                              a head's products and loss, by the rows of a chunk");
    Console.Error.WriteLine("       GptGen.Benchmarks.Gpu kernels MODEL f32|tf32|bf16 FOLDER     writes the model's kernels as one file for nvcc");
    return 1;
}
