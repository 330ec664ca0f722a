using System.Diagnostics;
using OpenTelemetry;

namespace Actors.Api.Operations;

/// <summary>
/// Lets out of a span only what says nothing of anyone: the key of a grain is a person's number, a path holds it, and so may the text of an exception. What
/// isn't known to be harmless goes.
/// </summary>
internal sealed class TraceScrubber : BaseProcessor<Activity>
{
    private static readonly HashSet<string> Harmless =
    [
        "http.request.method", "http.response.status_code", "http.route", "error.type",
        "rpc.system.name", "rpc.method", "orleans.rpc.service", "exception.type", "ledger.outcome",
    ];

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        foreach (var (tag, _) in data.TagObjects.ToArray())
        {
            if (!Harmless.Contains(tag))
            {
                data.SetTag(tag, null);
            }
        }

        if (data.StatusDescription is not null)
        {
            data.SetStatus(data.Status);
        }
    }
}
