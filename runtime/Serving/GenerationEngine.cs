using System.Diagnostics;
using GptGen.Generation;
using GptGen.Text;

namespace GptGen.Serving;

/// <summary>
/// Writes many texts at once with one model: continuous batching. One loop owns the inference graph; texts join and leave between two tokens, prompts
/// are read in pieces beside the texts that are written, what two texts begin with alike is read once, and a text that nobody wants any more frees
/// its slot before the next pass. Any number of threads may submit requests.
/// </summary>
/// <remarks>
/// On the CPU a text has the same tokens alone or beside any others: no row of a pass depends on another (<see cref="Device.IndependentRows"/>). A
/// device that cannot say so of its matrix products reads each prompt in one call, and its logits may differ in their last bits with the number of
/// texts. When a window is full, its last half is kept and read anew, as <see cref="TextGenerator"/> does.
/// </remarks>
public sealed class GenerationEngine : IDisposable
{
    private readonly object gate = new();
    private readonly LinkedList<EngineSequence> waiting = [];
    private readonly EngineWork work;
    private readonly EngineOptions options;
    private readonly Thread thread;
    private TaskCompletionSource? drained;
    private bool isClosed;
    private bool isDisposed;
    private int active;

    /// <summary>Allocates the cache and starts the loop.</summary>
    /// <param name="model">The model, which must outlive the engine.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="options">How large it is.</param>
    /// <exception cref="GptGenException">An option is out of range, or there is not enough memory.</exception>
    public GenerationEngine(TextModel model, Tokenizer tokenizer, EngineOptions? options = null)
    {
        this.options = options ?? new();
        this.options.Validate();
        (Model, Tokenizer) = (model, tokenizer.RequireFit(model.Description));
        work = new(model, Tokenizer, this.options);
        thread = new(Loop) { IsBackground = true, Name = "GptGen engine" };
        thread.Start();
    }

    /// <summary>The model.</summary>
    public TextModel Model { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Texts that are written at once.</summary>
    public int Slots => options.Slots;

    /// <summary>Texts that are written now.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>Requests that wait for a slot.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return waiting.Count;
        }
    }

    /// <summary>Whether it takes requests.</summary>
    public bool IsOpen => !Volatile.Read(ref isClosed);

    /// <summary>The inference graph that an engine needs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="options">How large the engine is.</param>
    public static InferenceSize SizeFor(ModelDescription model, Device device, EngineOptions options) => EngineWork.SizeFor(model, device, options);

    /// <summary>Asks for a text.</summary>
    /// <returns>The text, whose tokens come from now on.</returns>
    /// <exception cref="GptGenException">The request is impossible.</exception>
    /// <exception cref="EngineFullException">All slots are taken and the queue is full.</exception>
    /// <exception cref="EngineClosedException">No more requests are taken.</exception>
    public EngineSequence Submit(EngineRequest request) => Submit([request])[0];

    /// <summary>Asks for several texts at once: either all find room, or none is taken.</summary>
    /// <inheritdoc cref="Submit(EngineRequest)"/>
    public IReadOnlyList<EngineSequence> Submit(IReadOnlyList<EngineRequest> requests)
    {
        var sequences = new EngineSequence[requests.Count];
        for (var index = 0; index < sequences.Length; index++)
        {
            requests[index].Validate(Model.Description);
            if (requests[index].ScoresPrompt && !work.ScoresPrompts)
            {
                throw new GptGenException(
                    $"The prompt's log probabilities are not computed for {Model.Description.Name} on {Model.Device.Name}: ask for those of new "
                    + "tokens only, or use the CPU and a model with a key/value cache.");
            }

            sequences[index] = new(requests[index], Start(requests[index]), Tokenizer.EndOfText, Cancel);
        }

        lock (gate)
        {
            if (isClosed)
                throw new EngineClosedException();
            if (sequences.Length > options.Slots + options.QueueLimit - active - waiting.Count)
            {
                throw new EngineFullException(
                    $"{active + waiting.Count} texts are written or wait, and {sequences.Length} more would be beyond {options.Slots} + "
                    + $"{options.QueueLimit}: try again later.");
            }

            foreach (var sequence in sequences)
                waiting.AddLast(sequence);
            Monitor.Pulse(gate);
        }

        return sequences;
    }

    /// <summary>Takes no more requests from now on, and completes when all that were taken are done.</summary>
    public Task DrainAsync(CancellationToken cancellation = default)
    {
        lock (gate)
        {
            Volatile.Write(ref isClosed, true);
            drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            Monitor.Pulse(gate);
            return drained.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Ends every text and frees the memory.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
                return;
            Volatile.Write(ref isClosed, true);
            Volatile.Write(ref isDisposed, true);
            Monitor.Pulse(gate);
        }

        thread.Join();
        work.Dispose();
    }

    private void Cancel(EngineSequence sequence)
    {
        lock (gate)
        {
            sequence.IsCancelled = true;
            if (waiting.Remove(sequence))
                sequence.Finish(EndReason.Cancelled);
        }

        // Who waits for it need not wait for the pass.
        sequence.Tell();
    }

    private int[] Start(EngineRequest request)
    {
        if (request.Prompt.Length == 0)
            return TextStart.Tokens(Tokenizer);
        return Model is SegmentModel || request.Prompt.Length <= Model.Description.Context
            ? request.Prompt
            : throw new GptGenException(
                $"The prompt has {request.Prompt.Length} tokens, but the model sees {Model.Description.Context} at once: shorten the prompt.");
    }

    private void Loop()
    {
        while (Admit())
        {
            try
            {
                work.Step();
            }
            catch (Exception failure)
            {
                // Whatever it was, the loop serves those who come later.
                work.Fail(failure);
            }

            Volatile.Write(ref active, work.Active);
        }
    }

    /// <summary>Takes over what fits, and waits while there is nothing to do.</summary>
    /// <returns>Whether there is something to do; not when the engine is disposed of.</returns>
    private bool Admit()
    {
        lock (gate)
        {
            while (true)
            {
                if (isDisposed)
                {
                    foreach (var sequence in waiting)
                        sequence.Finish(EndReason.Failed, new EngineClosedException());
                    waiting.Clear();
                    work.Fail(new EngineClosedException());
                    drained?.TrySetResult();
                    return false;
                }

                var now = Stopwatch.GetTimestamp();
                work.RemoveUnwanted(now);
                for (var node = waiting.First; node is not null;)
                {
                    var (next, sequence) = (node.Next, node.Value);
                    if (now >= sequence.Deadline)
                    {
                        waiting.Remove(node);
                        sequence.Finish(EndReason.TimeLimit);
                    }
                    else if (work.Active < options.Slots)
                    {
                        waiting.Remove(node);
                        work.Add(sequence);
                    }

                    node = next;
                }

                Volatile.Write(ref active, work.Active);
                if (work.Active > 0)
                    return true;
                if (drained is not null)
                    drained.TrySetResult();
                Monitor.Wait(gate);
            }
        }
    }
}
