using GptGen.Distributed;
using GptGen.Generation;
using GptGen.Training;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>
/// What a command is about to hold in memory of a model. Without one no model is made, so that no command can forget to ask whether there is room.
/// </summary>
/// <param name="Doing">What takes it, as "Training {0} on 8 x 64 tokens", {0} being the model.</param>
/// <param name="Bytes">Bytes on the CPU, the weights included; infinite where they cannot be counted.</param>
/// <param name="Remedy">What would take less, or null where only another model would.</param>
internal sealed record MemoryNeed(string Doing, Func<ModelDescription, double> Bytes, string? Remedy)
{
    /// <summary>The cache and activations of generation, whose shortage is told by the sizes that would fit; null for other work.</summary>
    internal InferenceSize? Size { get; private init; }

    /// <summary>The weights alone.</summary>
    internal static MemoryNeed Weights { get; } = new("Loading {0}", WeightBytes, null);

    /// <summary>Training on sequences of some tokens at once.</summary>
    internal static MemoryNeed Training(
        int batch, int length, string remedy, int? memory = null, int ranks = 1, int shares = 1, int? streams = null) => new(
            $"Training {{0}} on {batch} x {length} tokens",
            model => TrainingBytes(model, batch, length, DeviceMemory.Cpu, memory, ranks, shares, streams), remedy);

    /// <summary>The same for fine-tuning.</summary>
    internal static MemoryNeed Finetuning(int sequences, int length, string remedy, int ranks = 1, int shares = 1) => new(
        $"Fine-tuning {{0}} on {sequences} x {length} tokens",
        model => TrainingBytes(model, sequences, length, DeviceMemory.Cpu, memory: null, ranks, shares), remedy);

    /// <summary>A training graph's losses, which need neither gradients nor moments.</summary>
    internal static MemoryNeed Losses(int batch, string remedy, int? memory) => new(
        $"Evaluating {{0}} on {batch} texts", model => LossBytes(model, batch, model.Context, memory), remedy);

    /// <summary>The same for texts of some length.</summary>
    internal static MemoryNeed Losses(int batch, int length, string remedy) => new(
        $"Reading {batch} x {length} tokens with {{0}}", model => LossBytes(model, batch, length, memory: null), remedy);

    /// <summary>Predictions of a task head: the weights, and activations of every row.</summary>
    internal static MemoryNeed Predictions(int sequences, int length, string remedy) => new(
        $"Predicting with {{0}} on {sequences} x {length} tokens",
        model => WeightBytes(model) + Count(() => ScoringElements(model, sequences, length).Where(static part => part.Role == BufferRole.Activation)),
        remedy);

    /// <summary>An inference graph.</summary>
    /// <param name="size">The graph.</param>
    /// <param name="remedy">What would make it smaller, or null.</param>
    internal static MemoryNeed Inference(InferenceSize size, string? remedy = null) => new(
        "Running {0}", model => WeightBytes(model) + size.Bytes(model, static _ => sizeof(float)), remedy) { Size = size };

    /// <summary>The graph that translates so many texts at once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How translations are searched for.</param>
    /// <param name="sources">Texts at once.</param>
    /// <param name="tokens">The most tokens of a text.</param>
    /// <param name="remedy">What would take less.</param>
    internal static MemoryNeed Translation(ModelDescription model, BeamOptions options, int sources, int tokens, string remedy) =>
        Inference(Translator.SizeFor(model, options, sources, tokens), remedy);

    /// <summary>Bytes of the weights: every role takes four bytes an element there.</summary>
    internal static double WeightBytes(ModelDescription model) => (double)sizeof(float) * model.ParameterElements;

    /// <summary>
    /// Bytes of a training step on <paramref name="batch"/> x <paramref name="length"/> tokens: weights, gradients, both moments and activations.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="length">Tokens of each.</param>
    /// <param name="device">How that is kept.</param>
    /// <param name="memory">Rows that a layer of a segment model keeps of each; null for as many as it can.</param>
    /// <param name="ranks">Processes that divide the moments, of which one's memory is counted.</param>
    /// <param name="shares">Shares of a step, as many of which as a process has keep gradients of their own for a while.</param>
    /// <param name="streams">Sequences of which something is carried on; null for those of the batch.</param>
    internal static double TrainingBytes(
        ModelDescription model, int batch, int length, DeviceMemory device, int? memory = null, int ranks = 1, int shares = 1,
        int? streams = null) =>
        Count(() => model.TrainingElements(batch, length, device.LogitRows), device)
            + MemoryBytes(model, streams ?? batch, memory ?? model.MemoryLength, device)
            + ((double)device.SizeOf(BufferRole.Gradient) * GradientTree.Depth(Math.Max(1, shares / ranks)) * model.TrainedElements)
            - (ranks == 1 ? 0 : 2.0 * device.SizeOf(BufferRole.Moment) * (model.TrainedElements - device.Divide(model, ranks).Largest));

    /// <summary>The most sequences on which a process can train at once in some bytes; 0 where not even one fits.</summary>
    internal static int LargestBatch(ModelDescription model, int length, DeviceMemory device, double bytes, int ranks = 1)
    {
        const int Most = 1 << 20;
        bool Fits(int batch) => TrainingBytes(model, batch, length, device, ranks: ranks) <= bytes;

        var (fitting, tooLarge) = (0, 1);
        while (tooLarge <= Most && Fits(tooLarge))
            (fitting, tooLarge) = (tooLarge, 2 * tooLarge);
        while (tooLarge - fitting > 1)
        {
            var middle = fitting + ((tooLarge - fitting) / 2);
            (fitting, tooLarge) = Fits(middle) ? (middle, tooLarge) : (fitting, middle);
        }

        return fitting;
    }

    /// <summary>Bytes of what a model carries on of texts, now and after the batch.</summary>
    private static double MemoryBytes(ModelDescription model, int sequences, int memory, DeviceMemory device) =>
        2.0 * device.SizeOf(BufferRole.Activation) * sequences * (((double)model.Layers * memory * model.Width) + model.StateElements);

    /// <summary>What scoring takes is a decoder's prefill; of an encoder it is no more than training takes.</summary>
    private static IReadOnlyList<(BufferRole Role, nint Elements)> ScoringElements(ModelDescription model, int sequences, int length) =>
        model.InferenceElements(new(sequences, length, checked(sequences * length), sequences)) is { Count: > 0 } inference
            ? inference
            : model.TrainingElements(sequences, length, Device.FewLogitRows);

    private static double LossBytes(ModelDescription model, int batch, int length, int? memory) => Count(
        () => model.TrainingElements(batch, length, Device.FewLogitRows)
            .Where(static part => part.Role is not (BufferRole.Gradient or BufferRole.Moment)))
        + MemoryBytes(model, batch, memory ?? model.MemoryLength, DeviceMemory.Cpu);

    private static double Count(Func<IEnumerable<(BufferRole Role, nint Elements)>> parts, DeviceMemory? device = null)
    {
        device ??= DeviceMemory.Cpu;
        try
        {
            return parts().Sum(part => (double)device.SizeOf(part.Role) * part.Elements);
        }
        catch (OverflowException)
        {
            return double.PositiveInfinity;
        }
    }
}
