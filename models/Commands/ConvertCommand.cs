using System.CommandLine;
using GptGen.Checkpoints;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen convert</c>: weights from one format to another.</summary>
internal static class ConvertCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var output = new Option<string>("--out")
        {
            Description = "A folder (Hugging Face), a .safetensors file, or a .bin file (llm.c).",
            Required = true,
            HelpName = "file|folder",
        };
        var type = CommonOptions.Choice("--type", "Element type of the file.", ElementType.F32);
        var command = new Command("convert", "Convert weights between Hugging Face, safetensors and llm.c.") { model, weights, output, type };
        return command.WithWork((result, _) =>
        {
            ModelCheckpoint.CheckTarget(result.GetValue(output)!);
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            using var device = new CpuDevice(threads: 1);
            using var loaded = found.Load(device);
            ModelCheckpoint.Save(loaded, result.GetValue(output)!, result.GetValue(type));
            Console.WriteLine($"written: {result.GetValue(output)}");
            return 0;
        });
    }
}
