namespace Actors.Grains;

/// <summary>
/// A grain that does something for all nodes for as long as it is activated, beside its calls. For a moment there can be two, when a node dies: what it
/// does must bear that.
/// </summary>
internal abstract class LogReaderGrain : Grain, IDisposable
{
    /// <summary>What is under way can't always be cancelled. Nobody waits longer for it: all of it can be repeated.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private Task? _run;

    /// <summary>Cancelled when the activation ends.</summary>
    protected CancellationToken Stopping => _stopping.Token;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_run ?? Task.CompletedTask, Task.Delay(EndsWithin, TimeProvider.System, cancellationToken));
    }

    public void Dispose()
    {
        // What outlives the activation still needs it. There is nothing in it that must be given back.
        if (_run is null or { IsCompleted: true })
        {
            Release();
            _stopping.Dispose();
        }
    }

    /// <summary>Starts it where it doesn't run: on this activation's scheduler, one thing at a time, with turns at each await.</summary>
    protected void Run() => _run ??= RunAsync(_stopping.Token);

    /// <summary>Goes on until it is told to stop. Nothing else ends it.</summary>
    protected abstract Task RunAsync(CancellationToken stopping);

    /// <summary>Disposes of what only the run needs.</summary>
    protected virtual void Release()
    {
    }
}
