using System.Globalization;
using System.Text;

namespace Fabric.Hosting.Metrics;

/// <summary>Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>The content type to answer with.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>An instrument's name as Prometheus spells it: unit and kind are part of the name.</summary>
    public static string Name(string name, string? unit, MetricKind kind)
    {
        var spelled = new StringBuilder(name.Length + 16);
        foreach (var letter in name)
            spelled.Append(char.IsAsciiLetterOrDigit(letter) || letter == ':' ? letter : '_');
        if (char.IsAsciiDigit(spelled[0]))
            spelled.Insert(0, '_');
        Suffix(spelled, unit switch
        {
            "s" or "seconds" => "_seconds",
            "ms" => "_milliseconds",
            "By" or "bytes" => "_bytes",
            "1" when kind == MetricKind.Gauge => "_ratio",
            _ => "",
        });
        if (kind == MetricKind.Counter && !IsPartOfHistogram(spelled.ToString()))
            Suffix(spelled, "_total");
        return spelled.ToString();
    }

    /// <summary>One metric with all its series.</summary>
    public static void Append(StringBuilder text, string name, IReadOnlyList<MetricFamily> families)
    {
        var first = families[0];
        if (first.Help.Length > 0)
            text.Append("# HELP ").Append(name).Append(' ').Append(first.Help.Replace("\\", @"\\").Replace("\n", @"\n")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(first.Kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (var family in families)
        {
            foreach (var (labels, series) in family.Series)
                Append(text, family, labels, series);
        }
    }

    private static void Append(StringBuilder text, MetricFamily family, string labels, MetricSeries series)
    {
        var (sum, count, buckets) = series.Read();
        if (family.Kind != MetricKind.Histogram)
        {
            Line(text, family.Name, "", labels, sum);
            return;
        }

        var below = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            var bound = i < family.Bounds.Count ? Number(family.Bounds[i]) : "+Inf";
            Line(text, family.Name, "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", below);
        }

        Line(text, family.Name, "_sum", labels, sum);
        Line(text, family.Name, "_count", labels, count);
    }

    private static void Line(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>What others have added up to a histogram comes as three counters, which together are one by these very names.</summary>
    private static bool IsPartOfHistogram(string name) =>
        name.EndsWith("_bucket", StringComparison.Ordinal) || name.EndsWith("_sum", StringComparison.Ordinal)
        || name.EndsWith("_count", StringComparison.Ordinal);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void Suffix(StringBuilder name, string suffix)
    {
        if (!name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            name.Append(suffix);
    }
}
