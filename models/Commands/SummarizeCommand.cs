using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen summarize</c>: a summary by prompt.</summary>
internal static class SummarizeCommand
{
    internal static Command Create()
    {
        var seed = CommonOptions.Seed();
        return ZeroShotCommand.Create(
            "summarize",
            "Summarize an article by prompt alone: TL;DR:, top-k 2, the first three sentences.",
            new("article"),
            "the article",
            [seed],
            static _ => { },
            (zeroShot, article, result, tokens, cancellation) => zeroShot.Summarize(article, tokens, result.GetValue(seed), cancellation));
    }
}
