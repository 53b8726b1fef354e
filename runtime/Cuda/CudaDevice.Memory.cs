using GptGen.Cuda;
using GptGen.Cuda.Driver;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>The model whose batches an out-of-memory message speaks of.</summary>
    private ModelDescription? prepared;

    private long allocatedBytes;

    /// <inheritdoc/>
    public override Arena Allocate(BufferRole role, nint elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        using var call = Begin();
        if (role != BufferRole.Parameter || !types.HasMaster)
            return AllocateAlone(role, elements);
        var master = AllocateAlone(BufferRole.Master, elements);
        try
        {
            return AllocateAlone(role, elements, master);
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    private CudaArena AllocateAlone(BufferRole role, nint elements, CudaArena? master = null)
    {
        if (elements > nint.MaxValue / types.Size(role))
        {
            throw new GptGenException(
                $"No GPU has memory for {elements} elements ({role}): use a smaller batch, a shorter context or a smaller model.");
        }

        var bytes = elements * types.Size(role);
        var purpose = $"the arena of role {role}";
        lock (gate)
        {
            var memory = GpuMemory.TryAllocate(context, bytes, purpose) ?? throw OutOfMemory(role, bytes, purpose);
            stream.Clear(memory.Address, bytes, purpose);
            allocatedBytes += bytes;
            return new CudaArena(this, role, elements, memory, master);
        }
    }

    internal void Write<T>(GpuAddress destination, ReadOnlySpan<T> values, string operation)
        where T : unmanaged
    {
        lock (gate)
            staging.Write(destination, values, operation);
    }

    /// <summary>Writes f32 as bf16.</summary>
    internal void WriteRounded(GpuAddress destination, ReadOnlySpan<float> values, string operation)
    {
        lock (gate)
            staging.WriteRounded(destination, values, operation);
    }

    /// <summary>Reads bf16 as f32.</summary>
    internal void ReadWidened(GpuAddress source, Span<float> values, string operation)
    {
        lock (gate)
            staging.ReadWidened(source, values, operation);
    }

    internal void Read<T>(GpuAddress source, Span<T> values, string operation)
        where T : unmanaged
    {
        lock (gate)
            staging.Read(source, values, operation);
    }

    internal void Clear(GpuAddress destination, nint bytes, string operation)
    {
        lock (gate)
            stream.Clear(destination, bytes, operation);
    }

    internal void Free(GpuMemory memory)
    {
        lock (gate)
        {
            allocatedBytes -= memory.Bytes;
            memory.Dispose();
        }
    }

    /// <inheritdoc/>
    internal override void RequireMemory(ModelDescription model, InferenceSize size)
    {
        using var call = Begin();
        lock (gate)
        {
            var (free, _) = context.Memory("an inference graph");
            if (size.Bytes(model, types.Size) > free)
                throw new GptGenException($"The GPU's memory is too small: {size.Shortage(model, types.Size, free)}");
        }
    }

    /// <summary>Says what was asked for, what there is, and, where training lacks it, which batch would fit.</summary>
    private GptGenException OutOfMemory(BufferRole role, nint bytes, string purpose)
    {
        var (free, total) = context.Memory(purpose);
        var isTraining = role is BufferRole.Gradient or BufferRole.Moment or BufferRole.Activation or BufferRole.Statistic or BufferRole.Workspace;
        return new(
            $"The GPU's memory is full: {purpose} needs {Fitting.Megabytes(bytes)} MB, and {Fitting.Megabytes(free)} of "
            + $"{Fitting.Megabytes(total)} MB are free. " +
            (
                isTraining && prepared is { } model
                    ? BatchAdvice(model, free + allocatedBytes)
                    : "Use a smaller model or fewer sequences, or end other programs that use the GPU."));
    }

    private string BatchAdvice(ModelDescription model, long available)
    {
        const int Most = 1 << 21;
        var low = Fitting.Largest(Most, sequences => TrainingBytes(model, sequences) <= available);
        return low == 0
            ? $"Training {model.Name} on a single sequence of {model.Context} tokens needs {Fitting.Megabytes(TrainingBytes(model, 1))} MB: "
                + "use shorter sequences or a smaller model."
            : $"Training {model.Name} fits with batches of up to {low} sequences of {model.Context} tokens: use a smaller batch, "
                + "and accumulate the gradients of several.";
    }

    private double TrainingBytes(ModelDescription model, int sequences)
    {
        try
        {
            return model.TrainingElements(sequences, model.Context, LogitRows).Sum(part => (double)part.Elements * types.KeptSize(part.Role));
        }
        catch (OverflowException)
        {
            return double.PositiveInfinity;
        }
    }
}
