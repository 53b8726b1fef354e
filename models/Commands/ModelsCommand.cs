using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen models</c>: the zoo with parameters, memory and FLOPs.</summary>
internal static class ModelsCommand
{
    private const int MostRanks = 1 << 20;

    internal static Command Create()
    {
        var json = CommonOptions.Json();
        var ranks = CommonOptions.Number(
            "--ranks", "Processes of mpirun or srun that train together, of which one's memory is listed.", 1, 1, MostRanks);
        var precision = CommonOptions.Choice(
            "--precision", "Memory as GPUs take it that compute so, with what they keep beside weights; without it the CPU's is listed.",
            GpuPrecision.Float32, DeviceOptions.NameOf);
        var command = new Command("models", "List the models with parameters, memory and FLOPs.") { ranks, precision, json };
        return command.WithWork((result, _) =>
        {
            GpuPrecision? gpu = result.IsGiven(precision) ? result.GetValue(precision) : null;
            if (result.GetValue(json))
                WriteJson(result.GetValue(ranks), gpu);
            else
                WriteTable(result.GetValue(ranks), gpu);
            return 0;
        });
    }

    /// <summary>What one process takes for a sequence of full context, whose logits a GPU holds all at once.</summary>
    private static double TrainingBytes(ModelDescription model, int ranks, GpuPrecision? gpu) => MemoryNeed.TrainingBytes(
        model, 1, model.Context, gpu is { } precision ? DeviceMemory.OfGpu(precision, model.Context) : DeviceMemory.Cpu, ranks: ranks);

    /// <summary>Eighty columns, as wide as an old terminal or a mail.</summary>
    private static void WriteTable(int ranks, GpuPrecision? gpu)
    {
        Console.WriteLine("model           layers heads width context    parameters weights training  FLOPs");
        foreach (var (name, model, _, _) in Zoo.Models)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-15}{Layers(model),7}{model.Heads,6}{model.Width,6}{model.Context,8}{model.ParameterCount,14:N0}"
                + $"{MemoryNeed.WeightBytes(model) / 1e6,8:N0}{TrainingBytes(model, ranks, gpu) / 1e6,9:N0}"
                + $"{model.TrainingFlopsPerToken(model.Context) / 1e9,7:N3}"));
        }

        Console.WriteLine(
            $"weights: MB in f32; training: MB{(ranks == 1 ? "" : $" of each of {ranks} ranks")}"
            + $"{(gpu is { } precision ? $" on GPUs in {DeviceOptions.NameOf(precision)}" : "")} for one sequence of full context; "
            + "FLOPs: training GFLOPs per token at full context");
    }

    /// <summary>Of an encoder-decoder both numbers.</summary>
    private static string Layers(ModelDescription model) =>
        model.EncoderLayers == 0 ? $"{model.Layers}" : $"{model.EncoderLayers}+{model.Layers}";

    private static void WriteJson(int ranks, GpuPrecision? gpu)
    {
        using var output = Screen.OpenOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var (name, model, _, _) in Zoo.Models)
        {
            writer.WriteStartObject();
            writer.WriteString("model", name);
            writer.WriteNumber("layers", model.Layers);
            if (model.EncoderLayers > 0)
                writer.WriteNumber("encoder_layers", model.EncoderLayers);
            writer.WriteNumber("heads", model.Heads);
            writer.WriteNumber("width", model.Width);
            writer.WriteNumber("context", model.Context);
            writer.WriteNumber("vocabulary", model.Vocabulary);
            writer.WriteNumber("parameters", model.ParameterCount);
            writer.WriteNumber("weight_bytes", MemoryNeed.WeightBytes(model));
            writer.WriteNumber("training_bytes", TrainingBytes(model, ranks, gpu));
            writer.WriteNumber("training_flops_per_token", model.TrainingFlopsPerToken(model.Context));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
