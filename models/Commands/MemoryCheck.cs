using System.Globalization;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>How much memory a model takes on the CPU. A GPU refuses by itself what it has no memory for.</summary>
internal static class MemoryCheck
{
    /// <summary>Refuses a run that the machine has no memory for, before the system ends it without a word.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static void Require(Device device, ModelDescription model, TrainingOptions options) => Require(
        device,
        TrainingBytes(model, options.Batch, options.Length),
        $"Training {model.Name} on {options.Batch} x {options.Length} tokens",
        "a smaller --batch, a smaller --length or another --model");

    /// <summary>The same for fine-tuning on some sequences at once.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static void RequireSequences(Device device, ModelDescription model, int sequences, int length) => Require(
        device, TrainingBytes(model, sequences, length), $"Fine-tuning {model.Name} on {sequences} x {length} tokens", "a smaller --micro-batch, --batch or --length");

    /// <summary>The same for the keys and values of several samples.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static void RequireSamples(Device device, ModelDescription model, int samples) => Require(
        device, WeightBytes(model) + (2.0 * sizeof(float) * model.Layers * model.Context * model.Width * samples), $"Writing {samples} samples with {model.Name}", "fewer --samples");

    private static void Require(Device device, double needed, string what, string remedy)
    {
        if (device is not CpuDevice)
            return;
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new GptGenException(string.Create(
                CultureInfo.InvariantCulture, $"{what} takes {needed / 1e9:N1} GB, but this machine has {available / 1e9:N1} GB: use {remedy}."));
        }
    }

    /// <summary>Bytes of the weights: every role takes four bytes an element there.</summary>
    internal static double WeightBytes(ModelDescription model) => (double)sizeof(float) * model.ParameterElements;

    /// <summary>Bytes of a training step on <paramref name="batch"/> x <paramref name="length"/> tokens: weights, gradients, both moments and activations.</summary>
    internal static double TrainingBytes(ModelDescription model, int batch, int length) =>
        sizeof(float) * model.TrainingElements(batch, length).Sum(static part => (double)part.Elements);
}
