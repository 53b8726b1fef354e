using System.Runtime.CompilerServices;
using GptGen.Generation;
using GptGen.Serving;
using Microsoft.Extensions.AI;

namespace GptGen.Extensions.AI;

/// <summary>
/// A model as a chat client. Any number of conversations may go on at once: one engine writes all their answers together, and of a conversation that
/// goes on only the new tokens are read. None disposes of the model. A conversation that is too long for the context loses the tokens at its
/// beginning, and <see cref="CutTokensKey"/> among the usage's additional counts says how many.
/// </summary>
public sealed class GptChatClient : IChatClient
{
    /// <summary>The additional count of a response's usage that says how many tokens of the conversation had no room.</summary>
    public const string CutTokensKey = "cut_tokens";

    /// <summary>Answers that a client writes at once with an engine of its own; further ones wait.</summary>
    private const int OwnSlots = 4;

    private readonly ChatTemplate template;
    private readonly GenerationOptions? defaults;
    private readonly ChatClientMetadata metadata;
    private readonly TextGenerator? generator;
    private readonly Lazy<GenerationEngine> engine;

    /// <summary>A client with an engine of its own, which the first answer makes and <see cref="Dispose"/> frees.</summary>
    /// <param name="generator">Model and tokenizer.</param>
    /// <param name="template">How a conversation becomes a prompt; <see cref="ChatTemplate.QuestionAnswer"/> when null.</param>
    /// <param name="defaults">How text is written where the caller's options say nothing.</param>
    public GptChatClient(TextGenerator generator, ChatTemplate? template = null, GenerationOptions? defaults = null)
        : this(generator.Model, template, defaults)
    {
        this.generator = generator;
        engine = new(() => new(generator.Model, generator.Tokenizer, new()
        {
            Slots = OwnSlots,
            QueueLimit = int.MaxValue / 2,
            MemoryLength = generator.MemoryLength,
            BeginsWithZeros = generator.BeginsWithZeros,
        }));
    }

    /// <summary>A client of an engine that others may use too.</summary>
    /// <param name="engine">The engine, which must outlive the client.</param>
    /// <param name="template">How a conversation becomes a prompt; <see cref="ChatTemplate.QuestionAnswer"/> when null.</param>
    /// <param name="defaults">How text is written where the caller's options say nothing.</param>
    public GptChatClient(GenerationEngine engine, ChatTemplate? template = null, GenerationOptions? defaults = null)
        : this(engine.Model, template, defaults) => this.engine = new(engine);

    private GptChatClient(TextModel model, ChatTemplate? template, GenerationOptions? defaults)
    {
        (this.template, this.defaults) = (template ?? ChatTemplate.QuestionAnswer, defaults);
        metadata = new("gptgen", defaultModelId: model.Description.Name);
        engine = null!;
    }

    /// <summary>The whole answer.</summary>
    /// <inheritdoc cref="GetStreamingResponseAsync"/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>The answer as it appears; the last update has the reason of its end and the numbers of tokens.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Tokens, temperature, top-k, top-p, seed and stop strings count; what a text model has not is refused.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">A message holds something else than text, or an option asks for what a text model has not.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var generation = Translate(options);
        generation.Validate();
        var text = engine.Value;
        var prompt = FittedPrompt.Cut(
            text.Tokenizer, template.Format(Collect(messages, options)), "", FittedPrompt.Room(text.Model.Description, generation.Tokens));
        var response = Guid.NewGuid().ToString("N");
        var started = !template.TrimsStart;
        var sequence = text.Submit(new EngineRequest { Prompt = prompt.Tokens, Tokens = generation.Tokens, Sampling = generation.Sampling });
        var reader = new SequenceReader(sequence, text.Tokenizer, generation.Stop);
        await foreach (var piece in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var part = started ? piece.Text : piece.Text.TrimStart();
            if (part.Length == 0)
                continue;
            started = true;
            yield return Update([new TextContent(part)]);
        }

        var end = Update([new UsageContent(new()
        {
            InputTokenCount = prompt.Tokens.Length,
            OutputTokenCount = reader.Tokens,
            TotalTokenCount = prompt.Tokens.Length + reader.Tokens,
            CachedInputTokenCount = sequence.ReusedTokens,
            AdditionalCounts = new() { [CutTokensKey] = prompt.CutTokens },
        })]);
        end.FinishReason = reader.IsComplete ? ChatFinishReason.Stop : ChatFinishReason.Length;
        yield return end;

        ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
        {
            ResponseId = response,
            MessageId = response,
            ModelId = metadata.DefaultModelId,
            CreatedAt = DateTimeOffset.UtcNow,
        };
    }

    /// <summary>The client, its engine, its text generator where it was made of one, or its metadata.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? metadata
        : serviceType == typeof(TextGenerator) ? generator
        : serviceType == typeof(GenerationEngine) ? engine.Value
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Ends the answers of an engine of its own and frees its memory; the model belongs to whoever created it.</summary>
    public void Dispose()
    {
        if (generator is not null && engine.IsValueCreated)
            engine.Value.Dispose();
    }

    private static List<ChatMessage> Collect(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var all = messages.ToList();
        if (options?.Instructions is { Length: > 0 } instructions)
            all.Insert(0, new(ChatRole.System, instructions));
        return all.SelectMany(static message => message.Contents).FirstOrDefault(static content => content is not TextContent) is { } other
            ? throw new NotSupportedException($"A message holds {other.GetType().Name}, but the model reads text only: leave it out.")
            : all;
    }

    private GenerationOptions Translate(ChatOptions? options)
    {
        var start = defaults ?? new();
        Refuse(options?.Tools is { Count: > 0 }, "tools");
        Refuse(options?.ResponseFormat is ChatResponseFormatJson, "a response in JSON");
        Refuse(options?.FrequencyPenalty is not (null or 0), "a frequency penalty");
        Refuse(options?.PresencePenalty is not (null or 0), "a presence penalty");
        return start with
        {
            Samples = 1,
            Tokens = options?.MaxOutputTokens ?? start.Tokens,
            Stop = [.. start.Stop, .. template.Stop, .. options?.StopSequences ?? []],
            Sampling = start.Sampling with
            {
                Temperature = options?.Temperature ?? start.Sampling.Temperature,
                TopK = options?.TopK ?? start.Sampling.TopK,
                TopP = options?.TopP ?? start.Sampling.TopP,
                Seed = options?.Seed is { } seed ? unchecked((uint)seed) : start.Sampling.Seed,
            },
        };
    }

    private static void Refuse(bool isAsked, string what)
    {
        if (isAsked)
            throw new NotSupportedException($"The options ask for {what}, which a model that continues text has not: leave it out.");
    }
}
