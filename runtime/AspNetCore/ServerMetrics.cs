using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GptGen.AspNetCore;

/// <summary>
/// What the server measures, by the names of OpenTelemetry's semantic conventions for generative AI; a <see cref="Meter"/> of the name
/// <see cref="MeterName"/>.
/// </summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name, to be given to a collector.</summary>
    public const string MeterName = "GptGen.AspNetCore";

    private readonly Meter meter;
    private readonly string model;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> firstToken;
    private readonly Histogram<double> outputToken;
    private readonly Histogram<long> tokens;

    internal ServerMetrics(IMeterFactory factory, string model, Func<Serving.GenerationEngine?> engine)
    {
        this.model = model;
        meter = factory.Create(MeterName);
        double[] seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
        duration = meter.CreateHistogram(
            "gen_ai.server.request.duration", "s", "How long requests took.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = seconds });
        firstToken = meter.CreateHistogram(
            "gen_ai.server.time_to_first_token", "s", "From a request to its first token.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, .. seconds] });
        outputToken = meter.CreateHistogram(
            "gen_ai.server.time_per_output_token", "s", "From one token to the next, behind the first.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });
        tokens = meter.CreateHistogram(
            "gen_ai.client.token.usage", "{token}", "Tokens of requests, read and written.", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536] });
        meter.CreateObservableUpDownCounter("gptgen.engine.active", () => engine()?.Active ?? 0, "{text}", "Texts that are written now.");
        meter.CreateObservableUpDownCounter("gptgen.engine.waiting", () => engine()?.Waiting ?? 0, "{text}", "Texts that wait for a slot.");
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    internal void Record(RequestRecord record, string operation, double seconds, string? error)
    {
        TagList tags = new()
        {
            { "gen_ai.operation.name", operation }, { "gen_ai.provider.name", "gptgen" }, { "gen_ai.request.model", model },
            { "gen_ai.response.model", model },
        };
        var ended = tags;
        if (error is not null)
            ended.Add("error.type", error);
        duration.Record(seconds, ended);
        var (read, written) = record.Tokens;
        Count(read, "input");
        Count(written, "output");
        foreach (var sequence in record.Sequences)
        {
            if (sequence.Count > 0)
                firstToken.Record(WritingPlan.Seconds(sequence.Submitted, sequence.FirstToken), tags);
            if (sequence.Count > 1)
                outputToken.Record(WritingPlan.Seconds(sequence.FirstToken, sequence.LastToken) / (sequence.Count - 1), tags);
        }

        void Count(int count, string type)
        {
            if (count == 0)
                return;
            var typed = tags;
            typed.Add("gen_ai.token.type", type);
            tokens.Record(count, typed);
        }
    }
}
