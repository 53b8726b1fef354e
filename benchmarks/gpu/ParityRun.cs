using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>One batch at full size as files for <c>parity.py</c>: weights, batch, loss and every gradient.</summary>
internal static class ParityRun
{
    /// <summary>Writes the folder.</summary>
    public static int Write(ZooEntry entry, int sequences, int length, GpuPrecision precision, string folder)
    {
        using var device = new CudaDevice(0, precision);
        using var model = entry.Create(device);
        model.Initialize(1);
        using var batch = new RandomBatch(model, sequences, length);
        using var graph = batch.CreateGraph(model);
        batch.Set(graph);
        graph.Forward();
        graph.Backward(accumulate: false);
        var loss = graph.ReadLoss();
        Directory.CreateDirectory(folder);
        ModelCheckpoint.Save(model, folder);
        SafetensorsWriter.Write(Path.Combine(folder, "batch.safetensors"), [.. batch.Inputs.Select(static input => Numbers(input.Key, input.Value))]);
        var gradients = ParameterTensors.TrainedSources(model.Description, graph.Gradients, model.Description.Naming.FileName).ToList();
        SafetensorsWriter.Write(
            Path.Combine(folder, "gradients.safetensors"), gradients,
            metadata: new Dictionary<string, string> { ["loss"] = loss.ToString("r", CultureInfo.InvariantCulture) });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}, {sequences} x {length}: loss {loss:f6}"));
        return double.IsFinite(loss) ? 0 : 1;
    }

    /// <summary>Whole numbers, as f32.</summary>
    private static TensorSource Numbers(string name, int[] numbers) => new(name, [numbers.Length], (first, values) =>
    {
        for (var index = 0; index < values.Length; index++)
            values[index] = numbers[(int)first + index];
    });
}
