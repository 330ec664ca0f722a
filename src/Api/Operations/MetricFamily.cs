using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Actors.Api.Operations;

/// <summary>One metric: all that was measured by the instruments of one name, one cell for each set of labels.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] Sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
    private static readonly double[] Seconds = [.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10];

    private readonly string _help;
    private readonly bool _sets;   // a measurement is the value, not a step
    private readonly double[]? _bounds;
    private readonly ConcurrentDictionary<string, Cell> _cells = new(StringComparer.Ordinal);

    // The usual case, one label of few values, finds its cell without making a text.
    private readonly ConcurrentDictionary<(string, object), Cell> _byOnlyLabel = new();

    public MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        var isCounter = kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal);
        var isHistogram = kind.StartsWith("Histogram", StringComparison.Ordinal);
        IsObserved = instrument.IsObservable;
        _sets = instrument.IsObservable || kind.StartsWith("Gauge", StringComparison.Ordinal);
        _bounds = isHistogram ? (instrument.Unit == "s" ? Seconds : Sizes) : null;
        _help = instrument.Description ?? "";
        Type = isHistogram ? "histogram" : isCounter ? "counter" : "gauge";
        Name = NameOf(instrument, isCounter);
    }

    /// <summary>Its name in Prometheus' alphabet, with the usual endings for seconds and counters.</summary>
    public string Name { get; }

    /// <summary>counter, gauge or histogram.</summary>
    public string Type { get; }

    /// <summary>Whether it is asked for its value instead of telling each change.</summary>
    public bool IsObserved { get; }

    /// <summary>The name under which an instrument is shown.</summary>
    public static string NameOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        return NameOf(instrument, kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal));
    }

    public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var cell = CellOf(labels);
        lock (cell)
        {
            cell.Value = _sets ? value : cell.Value + value;
            if (_bounds is not null)
            {
                cell.Count++;
                var bucket = 0;
                while (bucket < _bounds.Length && value > _bounds[bucket])
                {
                    bucket++;
                }

                cell.Buckets[bucket]++;
            }
        }
    }

    /// <summary>Before it is asked: label sets that are gone don't stay.</summary>
    public void Forget()
    {
        _cells.Clear();
        _byOnlyLabel.Clear();
    }

    public void Write(StringBuilder to)
    {
        to.Append("# HELP ").Append(Name).Append(' ').Append(_help.Replace('\n', ' ')).Append("\n# TYPE ").Append(Name).Append(' ').Append(Type).Append('\n');
        foreach (var (labels, cell) in _cells.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            lock (cell)
            {
                if (_bounds is null)
                {
                    Line(to, "", labels, cell.Value);
                    continue;
                }

                var count = 0L;
                for (var i = 0; i <= _bounds.Length; i++)
                {
                    count += cell.Buckets[i];
                    var bound = i < _bounds.Length ? Text(_bounds[i]) : "+Inf";
                    Line(to, "_bucket", (labels.Length == 0 ? "" : labels + ",") + $"le=\"{bound}\"", count);
                }

                Line(to, "_sum", labels, cell.Value);
                Line(to, "_count", labels, cell.Count);
            }
        }
    }

    private Cell CellOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels is not [{ Value: { } value } only])
        {
            return CellOf(LabelsOf(labels));
        }

        return _byOnlyLabel.TryGetValue((only.Key, value), out var cell) ? cell : _byOnlyLabel[(only.Key, value)] = CellOf(LabelsOf(labels));
    }

    private Cell CellOf(string labels) => _cells.GetOrAdd(labels, static (_, bounds) => new Cell(bounds is null ? [] : new long[bounds.Length + 1]), _bounds);

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            var plain = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length == 0 ? "" : ",").Append(Clean(name)).Append("=\"")
                .Append(plain.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace('\n', ' ')).Append('"');
        }

        return text.ToString();
    }

    private void Line(StringBuilder to, string ending, string labels, double value)
    {
        to.Append(Name).Append(ending);
        if (labels.Length > 0)
        {
            to.Append('{').Append(labels).Append('}');
        }

        to.Append(' ').Append(Text(value)).Append('\n');
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string NameOf(Instrument instrument, bool isCounter) =>
        Clean(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : "") + (isCounter ? "_total" : "");

    private static string Clean(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private sealed class Cell(long[] buckets)
    {
        public readonly long[] Buckets = buckets;
        public double Value;
        public long Count;
    }
}
