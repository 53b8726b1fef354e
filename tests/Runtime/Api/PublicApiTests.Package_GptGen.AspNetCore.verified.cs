namespace GptGen.AspNetCore
{
    public sealed class GptGenServerOptions : IEquatable<GptGenServerOptions>
    {
        public GptGenServerOptions() { }
        public string? ApiKey { get; set; }
        public TimeSpan BodyTimeLimit { get; set; }
        public ChatTemplate ChatTemplate { get; set; }
        public bool HasPlayground { get; set; }
        public string? ModelName { get; set; }
        public int MostBodyBytes { get; set; }
        public int? MostTokens { get; set; }
        public int QueueLimit { get; set; }
        public TimeSpan RetryAfter { get; set; }
        public int Slots { get; set; }
        public TimeSpan? TimeLimit { get; set; }
        public void Validate() { }
    }
    public sealed class ServedModel
    {
        public ServedModel(TextFeatures features) { }
        public ServedModel(TextModel model, Tokenizer tokenizer, TextFeatures? features = null) { }
        public ModelDescription Description { get; }
        public TextFeatures? Features { get; }
        public Tokenizer Tokenizer { get; }
        public TextModel? Writer { get; }
    }
    public sealed class ServerMetrics : IDisposable
    {
        public const string MeterName = "AspNetCore";
        public void Dispose() { }
    }
}
