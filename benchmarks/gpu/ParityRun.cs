using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>One batch at full size as files for <c>parity.py</c>: weights, batch, loss and every gradient.</summary>
internal static class ParityRun
{
    /// <summary>Writes the folder.</summary>
    public static int Write(ZooEntry entry, int sequences, int length, bool tensorFloat32, string folder)
    {
        using var device = new CudaDevice(0, tensorFloat32);
        using var model = entry.Create(device);
        model.Initialize(1);
        using var batch = new RandomBatch(model, sequences, length);
        batch.Set();
        batch.Graph.Forward();
        batch.Graph.Backward(accumulate: false);
        var loss = batch.Graph.ReadLoss();
        Directory.CreateDirectory(folder);
        ModelCheckpoint.Save(model, folder);
        batch.Write(Path.Combine(folder, "batch.safetensors"));
        var gradients = ParameterTensors.TrainedSources(model.Description, batch.Graph.Gradients, model.Description.Naming.FileName).ToList();
        SafetensorsWriter.Write(
            Path.Combine(folder, "gradients.safetensors"), gradients,
            metadata: new Dictionary<string, string> { ["loss"] = loss.ToString("r", CultureInfo.InvariantCulture) });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}, {sequences} x {length}: loss {loss:f6}"));
        return double.IsFinite(loss) ? 0 : 1;
    }
}
