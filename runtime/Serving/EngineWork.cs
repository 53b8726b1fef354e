using GptGen.Generation;
using GptGen.Sampling;
using GptGen.Text;

namespace GptGen.Serving;

/// <summary>What an engine's loop does between two tokens; one thread uses it.</summary>
internal sealed class EngineWork : IDisposable
{
    /// <summary>Shared beginnings that are worth waiting for until another text has read them.</summary>
    private const int WorthWaiting = 8;

    private readonly InferenceGraph graph;
    private readonly Tokenizer tokenizer;
    private readonly int context;
    private readonly List<EngineSequence> active = [];
    private readonly SlotTable table;
    private readonly PassRows rows;
    private readonly TokenDraw[] draws;
    private readonly int[] drawn;
    private readonly int[] drawRows;
    private readonly float[] logits;
    private readonly bool isInPieces;
    private int turn;

    internal EngineWork(TextModel model, Tokenizer tokenizer, EngineOptions options)
    {
        this.tokenizer = tokenizer;
        isInPieces = PieceRows(model.Description, model.Device) > 0;
        graph = model.CreateInference(SizeFor(model.Description, model.Device, options));
        if (graph is SegmentInferenceGraph segments)
            segments.BeginsWithZeros = options.BeginsWithZeros;
        context = graph.IsEndless ? int.MaxValue : model.Description.Context;
        table = new(options.Slots, isInPieces ? context : 0);
        rows = new(isInPieces ? PieceRows(model.Description, model.Device) : options.Slots);
        (draws, drawn, drawRows) = (new TokenDraw[options.Slots], new int[options.Slots], new int[options.Slots]);
        logits = new float[model.Description.Vocabulary];
    }

    /// <summary>Whether prompts can be scored: that takes the logits of all their rows.</summary>
    internal bool ScoresPrompts => isInPieces;

    /// <summary>Texts that have a slot, or get one in the next step.</summary>
    internal int Active => active.Count;

    internal static InferenceSize SizeFor(ModelDescription model, Device device, EngineOptions options) =>
        PieceRows(model, device) is > 0 and var most
            ? new(options.Slots, model.Context, most, most)
            : TextGenerator.SizeFor(model, options.Slots, options.MemoryLength);

    internal void Add(EngineSequence sequence) => active.Add(sequence);

    /// <summary>Lets go of texts that nobody waits for any more, or whose time is over.</summary>
    internal void RemoveUnwanted(long now)
    {
        for (var index = active.Count - 1; index >= 0; index--)
        {
            var sequence = active[index];
            if (sequence.IsCancelled || now >= sequence.Deadline)
                Release(index, sequence.IsCancelled ? EndReason.Cancelled : EndReason.TimeLimit);
        }
    }

    /// <summary>Gives every text that is written its next token, and reads on in prompts.</summary>
    internal void Step()
    {
        foreach (var sequence in active)
        {
            if (sequence.Slot < 0)
                TryBegin(sequence);
        }

        if (!isInPieces)
            ReadWholePrompts();
        rows.Clear();
        // From the last on: a full pass is computed at once, and takes out of the list what has ended.
        for (var index = active.Count - 1; index >= 0; index--)
        {
            if (active[index] is { Slot: >= 0, Pending: 1 } sequence)
                AddRows(sequence, 1);
        }

        // A pass that has little room for prompts beside the others is followed by one that is all theirs.
        var hasRoom = 2 * rows.Room >= rows.Count + rows.Room;
        AddPieces();
        Run();
        if (!hasRoom)
        {
            AddPieces();
            Run();
        }
    }

    /// <summary>Ends every text.</summary>
    internal void Fail(Exception failure)
    {
        rows.Clear();
        for (var index = active.Count - 1; index >= 0; index--)
        {
            if (active[index].Slot is >= 0 and var slot)
                table.Keep(slot, 0);
            Release(index, EndReason.Failed, failure);
        }
    }

    public void Dispose() => graph.Dispose();

    /// <summary>Rows of a pass; 0 where prompts are read at once.</summary>
    private static int PieceRows(ModelDescription model, Device device) =>
        model.Distances > 0 ? 0 : device.IndependentRows(Math.Max(model.Width, model.HiddenWidth));

    /// <summary>Finds a text its slot, unless another one is just reading what it begins with.</summary>
    private void TryBegin(EngineSequence sequence)
    {
        var window = sequence.Window;
        // Of a prompt that is scored every row's logits are wanted.
        var (nearest, common) = isInPieces && !sequence.Request.ScoresPrompt ? table.Nearest(window) : (-1, 0);
        if (isInPieces && !sequence.Request.ScoresPrompt)
        {
            foreach (var other in active)
            {
                if (other is { Slot: >= 0, Pending: > 1 } && SlotTable.Common(other.Window, window) >= common + WorthWaiting)
                    return;
            }
        }

        var slot = table.Take(nearest, common);
        if (common > 0 && slot != nearest)
            graph.CopySlot(nearest, slot, common);
        if (isInPieces)
            table.Begin(slot, window[..common]);
        (sequence.Slot, sequence.Read, sequence.ReusedTokens) = (slot, common, common);
        if (sequence.Sampler.NeedsHistory)
            graph.SetSeen(slot, window);
    }

    /// <summary>Shares the room of a pass among the prompts that are being read.</summary>
    private void AddPieces()
    {
        var reading = 0;
        foreach (var sequence in active)
            reading += sequence is { Slot: >= 0, Pending: > 1 } ? 1 : 0;
        turn++;
        for (var index = 0; index < active.Count && reading > 0 && rows.Room > 0; index++)
        {
            // Whose turn is first takes what does not divide.
            var sequence = active[(index + turn) % active.Count];
            if (sequence is { Slot: >= 0, Pending: > 1 })
                AddRows(sequence, Math.Min(sequence.Pending, (rows.Room + reading - 1) / reading--));
        }
    }

    private void AddRows(EngineSequence sequence, int count)
    {
        for (var row = 0; row < count; row++)
        {
            if (rows.Room == 0)
                Run();
            var place = sequence.Read;
            // Positions of a memory go on and on; those of a cache are places in the window.
            rows.Add(sequence, place, graph.IsEndless ? graph.PositionsOf(sequence.Slot) : place);
            sequence.Read++;
        }
    }

    /// <summary>Computes a pass, and draws for the texts whose last token is in it.</summary>
    private void Run()
    {
        if (rows.Count == 0)
            return;
        if (isInPieces)
        {
            graph.Extend(rows.Tokens, rows.Positions, rows.Slots);
            for (var row = 0; row < rows.Count; row++)
                table.Set(rows.Slots[row], rows.Positions[row], rows.Tokens[row]);
        }
        else
        {
            graph.Decode(rows.Tokens, rows.Positions, rows.Slots);
        }

        var count = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var (sequence, position) = (rows[row], rows.Positions[row]);
            if (sequence.ScoresRows)
            {
                graph.ReadLogits(row, logits);
                sequence.ScorePrompt(position, logits);
            }

            if (sequence.Pending == 0 && (row + 1 == rows.Count || rows[row + 1] != sequence))
                AddDraw(count++, sequence, row);
        }

        if (count > 0)
            Draw(count);
        rows.Clear();
    }

    /// <summary>Reads the windows of texts that begin, or whose view was full, each in a call of its own.</summary>
    private void ReadWholePrompts()
    {
        for (var index = active.Count - 1; index >= 0; index--)
        {
            var sequence = active[index];
            if (sequence is not { Slot: >= 0, Read: 0 })
                continue;
            var window = sequence.Window;
            graph.Prefill(window.Length, window, [window.Length], [sequence.Slot]);
            rows.Clear();
            rows.Add(sequence, window.Length - 1, window.Length - 1);
            sequence.Read = window.Length;
            AddDraw(0, sequence, 0);
            Draw(1);
        }
    }

    private void AddDraw(int index, EngineSequence sequence, int row) =>
        (draws[index], drawRows[index]) = (sequence.Sampler.Next(row, sequence.Slot), row);

    /// <summary>Draws a token for each of some rows.</summary>
    private void Draw(int count)
    {
        graph.Sample(draws.AsSpan(0, count), drawn.AsSpan(0, count), tokenizer.VocabularySize);
        for (var index = 0; index < count; index++)
        {
            var sequence = rows[drawRows[index]];
            if (sequence.Request.Alternatives is not null)
                graph.ReadLogits(drawRows[index], logits);
            var end = sequence.Append(drawn[index], logits, context);
            if (sequence.Read == 0)
                table.Keep(sequence.Slot, 0);
            if (end == EndReason.None)
                sequence.Tell();
            else
                Release(active.IndexOf(sequence), end);
        }
    }

    private void Release(int index, EndReason reason, Exception? failure = null)
    {
        var sequence = active[index];
        active.RemoveAt(index);
        if (sequence.Slot >= 0)
            table.Release(sequence.Slot);
        sequence.Finish(reason, failure);
    }
}
