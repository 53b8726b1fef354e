using GptGen.AspNetCore;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>What a collector of OpenTelemetry gets.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task RequestsAreMeasuredByTheirConventionalNames()
    {
        var metrics = new List<Metric>();
        await using var server = await TestServer.StartAsync(static options => options.ModelName = "measured");
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(ServerMetrics.MeterName).AddInMemoryExporter(metrics).Build();
        await server.AskAsync("/v1/completions", """{"prompt": "abc", "max_tokens": 9, "ignore_eos": true}""");
        await server.PostAsync("/v1/chat/completions", """{"messages": [{"role": "user", "content": "Hi"}], "tools": [{}]}""");
        await server.AskAsync("/v1/embeddings", """{"input": "abcde"}""");
        // A request counts when its answer is sent, which the client may see before.
        for (var attempt = 0; attempt < 200 && Sum("gen_ai.server.request.duration", "embeddings").Count == 0; attempt++)
        {
            await Task.Delay(10);
            metrics.Clear();
            provider.ForceFlush();
        }

        Assert.Equal(1, Sum("gen_ai.server.request.duration", "text_completion").Count);
        Assert.Equal(1, Sum("gen_ai.server.request.duration", "embeddings").Count);
        Assert.Equal(1, Sum("gen_ai.server.request.duration", "chat", ("error.type", "unsupported_parameter")).Count);
        Assert.Equal(1, Sum("gen_ai.server.time_to_first_token", "text_completion").Count);
        Assert.Equal(1, Sum("gen_ai.server.time_per_output_token", "text_completion").Count);
        Assert.True(Sum("gen_ai.server.time_to_first_token", "text_completion").Sum > 0);
        Assert.Equal(3, Sum("gen_ai.client.token.usage", "text_completion", ("gen_ai.token.type", "input")).Sum);
        Assert.Equal(9, Sum("gen_ai.client.token.usage", "text_completion", ("gen_ai.token.type", "output")).Sum);
        Assert.Equal(5, Sum("gen_ai.client.token.usage", "embeddings", ("gen_ai.token.type", "input")).Sum);
        Assert.Contains(metrics, static metric => metric.Name == "gptgen.engine.active");

        (double Sum, long Count) Sum(string name, string operation, params (string Name, string Value)[] more)
        {
            var (sum, count) = (0.0, 0L);
            foreach (var metric in metrics.Where(metric => metric.Name == name))
            {
                foreach (var point in metric.GetMetricPoints())
                {
                    var tags = new Dictionary<string, object?>();
                    foreach (var (key, value) in point.Tags)
                        tags.Add(key, value);
                    // Other tests' servers have their own models.
                    if ((string?)tags["gen_ai.request.model"] != "measured" || (string?)tags["gen_ai.operation.name"] != operation
                        || more.Any(tag => (string?)tags.GetValueOrDefault(tag.Name) != tag.Value))
                        continue;
                    Assert.Equal(("measured", "gptgen"), ((string?)tags["gen_ai.response.model"], (string?)tags["gen_ai.provider.name"]));
                    sum += point.GetHistogramSum();
                    count += point.GetHistogramCount();
                }
            }

            return (sum, count);
        }
    }
}
