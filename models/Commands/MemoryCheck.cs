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

    /// <summary>Refuses an inference graph that the machine has no memory for beside the weights.</summary>
    /// <exception cref="GptGenException">There is not enough memory; the message says which size would fit.</exception>
    internal static void RequireInference(Device device, ModelDescription model, InferenceSize size, string remedy)
    {
        if (device is not CpuDevice)
            return;
        var free = Available - WeightBytes(model);
        if (size.Bytes(model, device.ElementSize) > free)
            throw new GptGenException($"This machine's memory is too small: {size.Shortage(model, device.ElementSize, free)} Give {remedy}.");
    }

    /// <summary>Refuses an evaluation by a training graph's losses, which needs neither gradients nor moments.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static void RequireLosses(Device device, ModelDescription model, int batch) => Require(
        device,
        Bytes(model.TrainingElements(batch, model.Context).Where(static part => part.Role is not (BufferRole.Gradient or BufferRole.Moment))),
        $"Evaluating {model.Name} on {batch} x {model.Context} tokens", "a smaller --batch or another --model");

    private static void Require(Device device, double needed, string what, string remedy)
    {
        if (device is not CpuDevice)
            return;
        if (needed > Available)
        {
            throw new GptGenException(string.Create(
                CultureInfo.InvariantCulture, $"{what} takes {needed / 1e9:N1} GB, but this machine has {Available / 1e9:N1} GB: use {remedy}."));
        }
    }

    /// <summary>Bytes of the weights: every role takes four bytes an element there.</summary>
    internal static double WeightBytes(ModelDescription model) => (double)sizeof(float) * model.ParameterElements;

    /// <summary>Bytes of a training step on <paramref name="batch"/> x <paramref name="length"/> tokens: weights, gradients, both moments and activations.</summary>
    internal static double TrainingBytes(ModelDescription model, int batch, int length) =>
        Bytes(model.TrainingElements(batch, length));

    private static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static double Bytes(IEnumerable<(BufferRole Role, nint Elements)> parts) => sizeof(float) * parts.Sum(static part => (double)part.Elements);
}
