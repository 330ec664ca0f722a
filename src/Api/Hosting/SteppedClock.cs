using System.Globalization;

namespace Actors.Api.Hosting;

/// <summary>
/// A node's wall clock with an offset that can be changed while it runs: seconds, in a file. For tests of what a stepped clock does; what measures durations is
/// not touched. On only where the environment names the file: <c>ACTORS_CLOCK_OFFSET_FILE</c>.
/// </summary>
public sealed class SteppedClock : TimeProvider
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private readonly string _file;
    private long _lookedAt = System.GetTimestamp();
    private long _offset;

    private SteppedClock(string file) => (_file, _offset) = (file, Read(file));

    /// <summary>Puts it into a program's services where the environment asks for it.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("ACTORS_CLOCK_OFFSET_FILE") is { Length: > 0 } file)
        {
            services.AddSingleton<TimeProvider>(new SteppedClock(file));
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var lookedAt = Volatile.Read(ref _lookedAt);
        if (System.GetElapsedTime(lookedAt) >= LookEvery && Interlocked.CompareExchange(ref _lookedAt, System.GetTimestamp(), lookedAt) == lookedAt)
        {
            Volatile.Write(ref _offset, Read(_file));
        }

        return System.GetUtcNow().AddSeconds(Volatile.Read(ref _offset));
    }

    // Half written, or being replaced: the next look sees it.
    private static long Read(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset) ? offset : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
