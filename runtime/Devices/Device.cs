namespace GptGen;

/// <summary>
/// What generated code talks to: memory by role, and one method an operator. Each operator's folder adds its own part of this class: a
/// typed, public method whose dimensions the compiler infers and checks, and an untyped core that a device implements.
/// A device may be used by several threads at once as long as they do not share activations.
/// </summary>
public abstract partial class Device : IDisposable
{
    /// <summary>Short name, as in <c>--device</c>: "cpu", "cuda".</summary>
    public abstract string Name { get; }

    /// <summary>Tells the device of a model before its first call, so that it can compile what the model needs. Most devices need nothing.</summary>
    /// <exception cref="GptGenException">What the model needs cannot be compiled.</exception>
    public virtual void Prepare(ModelDescription model)
    {
    }

    /// <summary>Allocates <paramref name="elements"/> zeroed elements for <paramref name="role"/>.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    public abstract Arena Allocate(BufferRole role, nint elements);

    /// <summary>Bytes that an element of <paramref name="role"/> takes on this device.</summary>
    public abstract int ElementSize(BufferRole role);

    /// <summary>Refuses an inference graph that there is no memory for, before anything is allocated. Devices that do not know let the allocation fail.</summary>
    /// <exception cref="GptGenException">There is not enough memory; the message says which size would fit.</exception>
    internal virtual void RequireMemory(ModelDescription model, InferenceSize size)
    {
    }

    /// <summary>Copies elements whatever they mean.</summary>
    internal void CopyElements(Location from, Location to, nint count) => Copy(from, to, count);

    /// <summary>Frees what the device holds. Arenas live on until they are disposed of.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the device holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
