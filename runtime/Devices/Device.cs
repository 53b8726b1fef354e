using System.Runtime.CompilerServices;

namespace GptGen;

/// <summary>
/// What generated code talks to: memory by role, and one method an operator. Each operator's folder adds its own part of this class: a
/// typed, public method whose dimensions the compiler infers and checks, and an untyped core that a device implements.
/// A device may be used by several threads at once as long as they do not share activations, and disposed of at any moment: a call in progress is
/// finished first, and every later one throws <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>
/// Every public operator checks once that its views lie in memory of this device that is not disposed of, that they have the rows that it needs, and
/// that integers which choose rows choose rows that there are. Otherwise it throws <see cref="ArgumentException"/> and changes nothing.
/// </remarks>
public abstract partial class Device : IDisposable
{
    /// <summary>The rows of logits of a device that has no reason for more, as of the CPU: its caches hold their tiles either way.</summary>
    internal const int FewLogitRows = 1024;

    private int disposed;

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

    /// <summary>Allocates a model's parameters, all zero, which a device may keep in another way than other numbers.</summary>
    /// <exception cref="GptGenException">There is not enough memory, or the device cannot keep them so.</exception>
    internal virtual Arena AllocateParameters(ModelDescription model) => Allocate(BufferRole.Parameter, model.ParameterElements);

    /// <summary>Bytes that a model's parameters take on this device.</summary>
    internal virtual double ParameterBytes(ModelDescription model) => (double)ElementSize(BufferRole.Parameter) * model.ParameterElements;

    /// <summary>
    /// Rows whose logits a training graph holds at once, at most: with more of them the head's gradient is read and added to less often, with fewer
    /// they take less memory. The same for the device's whole life.
    /// </summary>
    public virtual int LogitRows => FewLogitRows;

    /// <summary>Bytes that an element of <paramref name="role"/> takes on this device.</summary>
    public abstract int ElementSize(BufferRole role);

    /// <summary>
    /// Refuses an inference graph that there is no memory for, before anything is allocated. Devices that do not know let the allocation fail.
    /// </summary>
    /// <exception cref="GptGenException">There is not enough memory; the message says which size would fit.</exception>
    internal virtual void RequireMemory(ModelDescription model, InferenceSize size)
    {
    }

    /// <summary>
    /// The most rows that a pass of decoding may have so that each one has the same bits whatever the other rows are and however many; several of
    /// them may then belong to one slot. 0 where that does not hold: products of other sizes may sum in another order.
    /// </summary>
    /// <param name="inputs">The longest sum of a matrix product.</param>
    internal virtual int IndependentRows(int inputs) => 0;

    /// <summary>
    /// Does work whose calls and arguments are the same whenever the variant is; a device may repeat a recording of them in the place of the work.
    /// </summary>
    internal virtual void Repeat(RepeatedWork work, int variant) => work.Calls();

    /// <summary>
    /// Does pieces of the host's own work, each once and in any order, on the threads of a device that has some. Returns, or throws the first
    /// exception, when none is at work any more.
    /// </summary>
    internal virtual void ForEach(int count, Action<int> work)
    {
        for (var index = 0; index < count; index++)
            work(index);
    }

    /// <summary>The calls that use memory of this device now.</summary>
    internal CallsInProgress Calls { get; } = new();

    internal bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>
    /// Frees what the device holds, as soon as no call uses it, and returns then. Arenas keep their memory until they are disposed of, which is all
    /// that can be done with them. Further calls do nothing.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        Calls.WaitForEarlier();
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the device holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Told of each call as it begins, by the name of the method that began it: benchmarks time what lies between.</summary>
    internal Action<string>? Observer { get; set; }

    /// <summary>Begins a call that uses memory of this device.</summary>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    internal CallsInProgress.Call Begin([CallerMemberName] string operation = "")
    {
        var call = Calls.Enter();
        if (IsDisposed)
        {
            call.Dispose();
            throw Gone();
        }

        Observer?.Invoke(operation);
        return call;
    }

    private protected ObjectDisposedException Gone() =>
        new(GetType().Name, $"This device ({Name}) is disposed of: neither it nor what was made on it can be used any more.");
}
