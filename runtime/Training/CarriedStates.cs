using System.Runtime.InteropServices;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// What a model carries of a text that a run reads in streams: a state for the streams of each micro-batch, which the process keeps that computes it.
/// A checkpoint holds all states whoever wrote it, and each stream finds its own there where a step is cut into other micro-batches than before.
/// </summary>
/// <param name="name">What the states are called in checkpoints.</param>
/// <param name="parts">Parts of a state.</param>
/// <param name="streams">The streams.</param>
/// <param name="cut">How they go into micro-batches.</param>
/// <param name="create">Makes the state of a micro-batch.</param>
internal sealed class CarriedStates<T>(string name, int parts, StreamBatches streams, StepCut cut, Func<T> create) : ICarriedStates, IDisposable
    where T : class, ICarriedState
{
    private const long Half = 1 << 20;

    /// <summary>Where the form says how many streams a state is of; all else must be as it was.</summary>
    private const int SequencesPlace = 1;

    private readonly T?[] states = new T?[cut.MicroBatches];
    private Communicator? others;

    /// <summary>The first micro-batch that this process computes.</summary>
    internal int First { get; private set; }

    /// <summary>The one behind its last.</summary>
    internal int End { get; private set; } = cut.MicroBatches;

    /// <summary>The state of one of this process's micro-batches.</summary>
    internal T this[int micro] => states[micro] ??= create();

    /// <inheritdoc/>
    public void Divide(Communicator? communicator)
    {
        others = communicator;
        if (others is not null)
            (First, End) = (others.Rank * OfEach(others), (others.Rank + 1) * OfEach(others));
        for (var micro = First; micro < End; micro++)
            _ = this[micro];
    }

    /// <summary>All states for a checkpoint, those of other processes as it comes to them.</summary>
    internal IEnumerable<TensorSource> Sources()
    {
        var form = Form;
        yield return new(FormName, [form.Length], (first, values) => form.AsSpan((int)first, values.Length).CopyTo(values));
        // All are of as many tokens.
        if (PartElements == 0)
            yield break;
        for (var micro = 0; micro < cut.MicroBatches; micro++)
        {
            for (var part = 0; part < parts; part++)
                yield return new(NameOf(micro, part), this[First].PartShape, ReaderOf(micro, part));
        }
    }

    /// <inheritdoc/>
    public void Give()
    {
        var values = new float[PartElements];
        for (var micro = 0; micro < cut.MicroBatches && values.Length > 0; micro++)
        {
            for (var part = 0; part < parts && OwnerOf(micro) is > 0 and var owner; part++)
            {
                if (IsOwn(micro))
                    this[micro].Read(part, 0, values);
                Pass(values, owner);
            }
        }
    }

    /// <summary>Sets all states to those of a checkpoint; false, with nothing changed, where these are of other streams.</summary>
    /// <param name="stored">What the checkpoint holds; where there is nothing, nothing was carried.</param>
    internal bool TryRestore(IReadOnlyDictionary<string, StoredState> stored)
    {
        var (sequences, width) = (cut.Sequences, 0);
        if (stored.Count > 0)
        {
            if (!stored.TryGetValue(FormName, out var form) || SequencesOf(form.Read()) is not { } before)
                return false;
            sequences = before;
        }

        if (stored.Count > 1)
        {
            if (WidthOf(stored, sequences) is not { } found)
                return false;
            width = found;
        }

        Span<int> told = [width];
        if (others is not null)
        {
            others.AwaitFirst();
            others.Broadcast(MemoryMarshal.AsBytes(told));
        }

        Set(width, (micro, part, values) => Collect(stored, sequences, micro, part, values));
        return true;
    }

    /// <inheritdoc/>
    public void Take()
    {
        Span<int> told = [0];
        others!.AwaitFirst();
        others.Broadcast(MemoryMarshal.AsBytes(told));
        Set(told[0], static (_, _, _) => { });
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(states, static state => state?.Dispose());

    private string FormName => $"{name}.form";

    /// <summary>How the text is cut, in numbers that f32 holds exactly: a state is of these streams alone.</summary>
    private float[] Form => [streams.Streams, cut.Sequences, streams.Length, streams.StreamLength / Half, streams.StreamLength % Half];

    private int PartElements => checked((int)this[First].PartShape.Aggregate(1L, static (product, dimension) => checked(product * dimension)));

    private string NameOf(int micro, int part) => FormattableString.Invariant($"{name}.{micro}.{part}");

    private int OfEach(Communicator communicator) => cut.MicroBatches / communicator.Size;

    private bool IsOwn(int micro) => micro >= First && micro < End;

    private int OwnerOf(int micro) => others is null ? 0 : micro / OfEach(others);

    /// <summary>Gives all processes a part of one of them. The first one may be busy with a file.</summary>
    private void Pass(float[] values, int owner)
    {
        others!.AwaitFirst();
        others.Broadcast(values, owner);
    }

    private TensorReader ReaderOf(int micro, int part)
    {
        if (IsOwn(micro))
            return (first, values) => this[micro].Read(part, first, values);
        float[] received = [];
        return (first, values) =>
        {
            if (first == 0)
                Pass(received = new float[PartElements], OwnerOf(micro));
            received.AsSpan((int)first, values.Length).CopyTo(values);
            if (first + values.Length == received.Length)
                received = [];
        };
    }

    /// <summary>The streams of each stored state; null where they are of another text, or of one that was cut in another way.</summary>
    private int? SequencesOf(float[] stored)
    {
        var form = Form;
        if (stored.Length != form.Length || (int)stored[SequencesPlace] is not (>= 1 and var sequences) || streams.Streams % sequences != 0)
            return null;
        form[SequencesPlace] = sequences;
        return stored.AsSpan().SequenceEqual(form) ? sequences : null;
    }

    /// <summary>The numbers of a stream in each part; null where a part is missing or is not like the others.</summary>
    private int? WidthOf(IReadOnlyDictionary<string, StoredState> stored, int sequences)
    {
        var count = streams.Streams / sequences * parts;
        var widths = Enumerable.Range(0, count)
            .Select(index => stored.TryGetValue(NameOf(index / parts, index % parts), out var state)
                ? this[First].WidthOf(state.Shape, sequences)
                : null)
            .Distinct().ToArray();
        return stored.Count == 1 + count && widths is [var width] ? width : null;
    }

    /// <summary>Each process sets its own, of which the first one knows the numbers.</summary>
    private void Set(int width, Action<int, int, float[]> read)
    {
        for (var micro = First; micro < End; micro++)
            this[micro].Reset();
        var values = new float[checked(cut.Sequences * width)];
        for (var micro = 0; micro < cut.MicroBatches && width > 0; micro++)
        {
            for (var part = 0; part < parts; part++)
            {
                if (others is null or { IsFirst: true })
                    read(micro, part, values);
                if (OwnerOf(micro) > 0)
                    Pass(values, owner: 0);
                if (IsOwn(micro))
                    this[micro].Write(part, values);
            }
        }
    }

    /// <summary>Puts a micro-batch's part together from the states that hold its streams.</summary>
    private void Collect(IReadOnlyDictionary<string, StoredState> stored, int sequences, int micro, int part, float[] values)
    {
        var (from, held) = (-1, Array.Empty<float>());
        for (var row = 0; row < cut.Sequences; row++)
        {
            var stream = (micro * cut.Sequences) + row;
            if (from != stream / sequences)
                held = stored[NameOf(from = stream / sequences, part)].Read();
            var before = 0;
            foreach (var width in this[First].ArraysOf(values.Length / cut.Sequences))
            {
                held.AsSpan((sequences * before) + (stream % sequences * width), width)
                    .CopyTo(values.AsSpan((cut.Sequences * before) + (row * width), width));
                before += width;
            }
        }
    }
}
