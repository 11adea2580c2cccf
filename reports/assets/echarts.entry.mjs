export { init } from 'echarts/core';
import { use } from 'echarts/core';
import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
use([BarChart, GridComponent, AriaComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);
