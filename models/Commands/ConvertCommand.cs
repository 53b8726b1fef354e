using System.CommandLine;
using GptGen.Checkpoints;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen convert</c>: weights from one format to another.</summary>
internal static class ConvertCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.Model();
        var weights = CommonOptions.Weights("runs/gpt2-nano");
        var output = new Option<string>("--out")
        {
            Description = "A folder (Hugging Face), a .safetensors file, or a .bin file (llm.c).",
            Required = true,
        };
        var type = CommonOptions.Number("--type", "Element type of the file.", ElementType.F32);
        var command = new Command("convert", "Convert weights between Hugging Face, safetensors and llm.c.") { model, weights, output, type };
        command.SetAction(result =>
        {
            using var device = Devices.Open("cpu", threads: 1);
            using var loaded = Zoo.Find(result.GetValue(model)!).Create(device);
            ModelCheckpoint.Load(loaded, result.GetValue(weights)!);
            ModelCheckpoint.Save(loaded, result.GetValue(output)!, result.GetValue(type));
            Console.WriteLine($"written: {result.GetValue(output)}");
        });
        return command;
    }
}
