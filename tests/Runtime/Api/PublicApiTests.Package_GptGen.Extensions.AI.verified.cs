namespace GptGen.Extensions.AI
{
    public sealed class ChatTemplate : IEquatable<ChatTemplate>
    {
        public ChatTemplate(Func<IReadOnlyList<ChatMessage>, string> Format, IReadOnlyList<string> Stop, bool TrimsStart) { }
        public Func<IReadOnlyList<ChatMessage>, string> Format { get; init; }
        public IReadOnlyList<string> Stop { get; init; }
        public bool TrimsStart { get; init; }
        public static ChatTemplate Completion { get; }
        public static ChatTemplate QuestionAnswer { get; }
    }
    public sealed class GptChatClient : IChatClient, IDisposable
    {
        public const string CutTokensKey = "cut_tokens";
        public GptChatClient(TextGenerator generator, ChatTemplate? template = null, GenerationOptions? defaults = null) { }
        public GptChatClient(GenerationEngine engine, ChatTemplate? template = null, GenerationOptions? defaults = null) { }
        public void Dispose() { }
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) { }
        public object? GetService(Type serviceType, object? serviceKey = null) { }
        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default) { }
    }
    public sealed class GptEmbeddingGenerator : IEmbeddingGenerator, IEmbeddingGenerator<string, Embedding<float>>, IDisposable
    {
        public GptEmbeddingGenerator(TextFeatures features) { }
        public void Dispose() { }
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) { }
        public object? GetService(Type serviceType, object? serviceKey = null) { }
    }
}
