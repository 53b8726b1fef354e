using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen models</c>: the zoo with parameters, memory and FLOPs.</summary>
internal static class ModelsCommand
{
    private const int MostRanks = 1 << 20;
    private const double MostGigabytes = 1e6;

    internal static Command Create()
    {
        var json = CommonOptions.Json();
        var ranks = CommonOptions.Number(
            "--ranks", "Processes of mpirun or srun that train together, of which one's memory is listed.", 1, 1, MostRanks);
        var precision = CommonOptions.Choice(
            "--precision", "Memory as GPUs take it that compute so, with what they keep beside weights; without it the CPU's is listed.",
            GpuPrecision.Float32, DeviceOptions.NameOf);
        var gigabytes = CommonOptions.Number<double>(
            "--gigabytes", "Memory of 10^9 bytes each, for which the largest batch of full context is listed; 0 lists what one sequence takes.", 0, 0,
            MostGigabytes);
        var command = new Command("models", "List the models with parameters, memory and FLOPs.") { ranks, precision, gigabytes, json };
        return command.WithWork((result, _) =>
        {
            var room = new Room(
                result.GetValue(gigabytes), result.GetValue(ranks), result.IsGiven(precision) ? result.GetValue(precision) : null);
            if (result.GetValue(json))
                WriteJson(room);
            else
                WriteTable(room);
            return 0;
        });
    }

    /// <summary>Eighty columns, as wide as an old terminal or a mail.</summary>
    private static void WriteTable(Room room)
    {
        var training = room.Gigabytes > 0 ? "batch" : "training";
        Console.WriteLine($"model           layers heads width context    parameters weights {training,8}  FLOPs");
        foreach (var (name, model, _, _) in Zoo.Models)
        {
            var need = room.Gigabytes > 0 ? room.LargestBatch(model) : room.TrainingBytes(model) / 1e6;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-15}{Layers(model),7}{model.Heads,6}{model.Width,6}{model.Context,8}{model.ParameterCount,14:N0}"
                + $"{MemoryNeed.WeightBytes(model) / 1e6,8:N0}{need,9:N0}{model.TrainingFlopsPerToken(model.Context) / 1e9,7:N3}"));
        }

        var where = $"{(room.Ranks == 1 ? "" : $" of each of {room.Ranks} ranks")}"
            + $"{(room.Precision is { } precision ? $" on GPUs in {DeviceOptions.NameOf(precision)}" : "")}";
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"weights: MB in f32; {(room.Gigabytes > 0 ? $"batch: the most sequences of full context in {room.Gigabytes} GB{where}, "
                    + "without what drivers and other programs take" : $"training: MB{where} for one sequence of full context")}; ")
            + "FLOPs: training GFLOPs per token at full context");
    }

    /// <summary>Of an encoder-decoder both numbers.</summary>
    private static string Layers(ModelDescription model) =>
        model.EncoderLayers == 0 ? $"{model.Layers}" : $"{model.EncoderLayers}+{model.Layers}";

    private static void WriteJson(Room room)
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
            writer.WriteNumber("training_bytes", room.TrainingBytes(model));
            if (room.Gigabytes > 0)
                writer.WriteNumber("largest_batch", room.LargestBatch(model));
            writer.WriteNumber("training_flops_per_token", model.TrainingFlopsPerToken(model.Context));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What there is to train in.</summary>
    /// <param name="Gigabytes">Memory of one process, 10^9 bytes each; 0 where that is not said.</param>
    /// <param name="Ranks">Processes that train together.</param>
    /// <param name="Precision">How GPUs compute; null for CPUs.</param>
    private sealed record Room(double Gigabytes, int Ranks, GpuPrecision? Precision)
    {
        /// <summary>What one process takes for a sequence of full context, whose logits a GPU holds all at once.</summary>
        public double TrainingBytes(ModelDescription model) =>
            MemoryNeed.TrainingBytes(model, 1, model.Context, DeviceOf(model.Context), ranks: Ranks);

        /// <summary>The most sequences of full context that fit; a GPU holds the more rows of logits the more memory it has.</summary>
        public int LargestBatch(ModelDescription model) => MemoryNeed.LargestBatch(
            model, model.Context, DeviceOf(CudaDevice.LogitRowsOf((long)(Gigabytes * 1e9))), Gigabytes * 1e9, Ranks);

        private DeviceMemory DeviceOf(int logitRows) => Precision is { } precision ? DeviceMemory.OfGpu(precision, logitRows) : DeviceMemory.Cpu;
    }
}
