using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Fabric.Engine.Generator;

/// <summary>A place in source without a hold on the syntax tree, so that the incremental pipeline can cache it.</summary>
internal sealed record LocationValue(string Path, TextSpan Span, LinePositionSpan Lines)
{
    internal static LocationValue From(Location location) =>
        new(location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span);

    internal Location ToLocation() => Location.Create(Path, Span, Lines);
}
