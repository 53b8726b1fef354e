using Microsoft.Extensions.Logging;

namespace GptGen.AspNetCore;

/// <summary>What the server says.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Operation}: {Status} in {Seconds:F3} s, {Read} tokens read, {Written} written")]
    public static partial void Answered(ILogger logger, string operation, int status, double seconds, int read, int written);

    [LoggerMessage(2, LogLevel.Information, "{Operation}: the client went away after {Seconds:F3} s, {Written} tokens written")]
    public static partial void Left(ILogger logger, string operation, double seconds, int written);

    [LoggerMessage(3, LogLevel.Error, "{Operation} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string operation);

    [LoggerMessage(4, LogLevel.Information, "No more requests are taken; {Active} texts are written and {Waiting} wait")]
    public static partial void Draining(ILogger logger, int active, int waiting);
}
